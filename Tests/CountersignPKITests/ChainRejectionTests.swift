import CountersignIdentity
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

/// One rejected chain for every reason that a certificate by itself can give, beside the good one.
@Suite struct ChainRejectionTests {
    @Test func `a good chain is accepted and says who it is`() throws {
        let root = try TestAuthority()
        let peer = try root.verify([root.mint(.workload("spiffe://example.org/ns/a/sa/b"))]).get()
        #expect(peer.identity.spiffeID?.description == "spiffe://example.org/ns/a/sa/b")
        #expect(peer.subjectRFC2253 == "CN=leaf")
        #expect(peer.issuerRFC2253 == "CN=root")
        #expect(peer.serialHex == "1234")
        #expect(peer.serialDecimal == "4660")
        #expect(peer.issuersDER.isEmpty)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let code: ChainRejection.Code
        let testDescription: String
        let change: @Sendable (inout CertificateDraft) throws -> Void

        init(
            _ code: ChainRejection.Code,
            _ description: String,
            _ change: @escaping @Sendable (inout CertificateDraft) throws -> Void
        ) {
            self.code = code
            self.testDescription = description
            self.change = change
        }
    }

    static let leafCases: [Case] = [
        Case(.expired, "expired") { $0.notAfter = TestClock.now - 1 },
        Case(.notYetValid, "not yet valid") { $0.notBefore = TestClock.now + 1 },
        Case(.wrongPurpose, "server's certificate as a client's") { $0.extendedKeyUsage = [.serverAuth] },
        Case(.wrongPurpose, "code signing") { $0.extendedKeyUsage = [.codeSigning] },
        Case(.keyUsage, "key usage without digitalSignature") { $0.keyUsage = KeyUsage(keyEncipherment: true) },
        Case(.keyUsage, "leaf with keyCertSign") {
            $0.keyUsage = KeyUsage(digitalSignature: true, keyCertSign: true)
        },
        Case(.keyUsage, "workload with cRLSign") {
            $0.alternativeNames = [.uniformResourceIdentifier("spiffe://example.org/a")]
            $0.keyUsage = KeyUsage(digitalSignature: true, cRLSign: true)
        },
        Case(.leafIsAuthority, "authority as a leaf") { $0.basicConstraints = (true, nil) },
        Case(.malformed, "version 1") { $0.version = 1 },
        Case(.malformed, "serial number zero") { $0.serialNumber = [0] },
        Case(.malformed, "negative serial number") { $0.serialNumber = [0x80] },
        Case(.malformed, "serial number of 21 bytes") { $0.serialNumber = [1] + Array(repeating: 7, count: 20) },
        Case(.malformed, "empty subject without critical names") { $0.subject = [] },
        Case(.malformed, "name constraints in a leaf") { $0.permitted = [.dnsName("example")] },
        Case(.malformed, "two signature algorithms") {
            $0.innerAlgorithm = try TestEncoding.algorithm([1, 2, 840, 10045, 4, 3, 3])
        },
        Case(.malformed, "an extension twice") {
            $0.extra = [try .init(KeyUsage(digitalSignature: true), critical: true)]
        },
        Case(.malformed, "critical key identifier") {
            $0.hasKeyIdentifiers = false
            $0.extra = [try .init(SubjectKeyIdentifier(keyIdentifier: [1, 2]), critical: true)]
        },
        Case(.weakSignature, "SHA-1") { $0.algorithm = try TestEncoding.algorithm([1, 2, 840, 10045, 4, 1]) },
        Case(.weakSignature, "MD5") {
            $0.algorithm = try TestEncoding.algorithm([1, 2, 840, 113549, 1, 1, 4], null: true)
        },
        Case(.weakSignature, "unknown algorithm") { $0.algorithm = try TestEncoding.algorithm([1, 2, 3, 4]) },
        Case(.weakKey, "RSA 1024") { $0.publicKeyDER = try TestKeys.rsaPublicKey(bits: 1_024) },
        Case(.weakKey, "unsupported curve") { $0.publicKeyDER = try TestKeys.unknownCurve() },
        Case(.unhandledCriticalExtension, "unknown critical extension") {
            $0.extra = [.init(oid: [1, 2, 3, 4, 5], critical: true, value: [0x05, 0x00])]
        },
        Case(.badSignature, "algorithm of another digest") {
            $0.algorithm = try TestEncoding.algorithm([1, 2, 840, 10045, 4, 3, 3])
        },
    ]

    @Test(arguments: leafCases) func `a faulty leaf is refused`(_ test: Case) throws {
        let root = try TestAuthority()
        var draft = CertificateDraft()
        #expect(try root.verify([root.mint(draft)]).code == nil)
        try test.change(&draft)
        #expect(try root.verify([root.mint(draft)]).code == test.code)
    }

    static let issuerCases: [Case] = [
        Case(.expired, "expired") { $0.notAfter = TestClock.now - 1 },
        Case(.notYetValid, "not yet valid") { $0.notBefore = TestClock.now + 1 },
        Case(.notAuthority, "no authority") { $0.basicConstraints = (false, nil) },
        Case(.notAuthority, "no basicConstraints") { $0.basicConstraints = nil },
        Case(.keyUsage, "no keyCertSign") { $0.keyUsage = KeyUsage(digitalSignature: true, cRLSign: true) },
        Case(.wrongPurpose, "for servers alone") { $0.extendedKeyUsage = [.serverAuth] },
        Case(.malformed, "version 2 without extensions") {
            $0.version = 3
            $0.serialNumber = [0]
        },
        Case(.weakSignature, "SHA-1") { $0.algorithm = try TestEncoding.algorithm([1, 2, 840, 10045, 4, 1]) },
        Case(.unhandledCriticalExtension, "policy constraints") {
            $0.extra = [.init(oid: [2, 5, 29, 36], critical: true, value: [0x30, 0x03, 0x80, 0x01, 0x00])]
        },
        Case(.nameConstraint, "excludes the leaf") { $0.excluded = [.dnsName("leaf.example")] },
    ]

    @Test(arguments: issuerCases) func `a faulty intermediate is refused`(_ test: Case) throws {
        let root = try TestAuthority()
        let good = try root.intermediate()
        #expect(try root.verify([good.mint(), good.der]).code == nil)
        var draft = CertificateDraft.authority("intermediate")
        try test.change(&draft)
        let bad = try root.intermediate(draft)
        #expect(try root.verify([bad.mint(), bad.der]).code == test.code)
    }

    @Test func `validity is inclusive at both ends`() throws {
        let root = try TestAuthority()
        let leaf = try root.mint()
        for (now, code) in [
            (TestClock.now - 3_600, nil), (TestClock.now - 3_601, ChainRejection.Code.notYetValid),
            (TestClock.now + 3_600, nil), (TestClock.now + 3_601, .expired),
        ] {
            #expect(try root.verify([leaf], at: now).code == code)
        }
    }

    @Test func `an expired trusted authority vouches for nobody`() throws {
        var draft = CertificateDraft.authority("root")
        draft.notAfter = TestClock.now - 1
        let root = try TestAuthority(root: draft)
        #expect(try root.verify([root.mint()]).code == .expired)
    }

    @Test func `nothing sent, too much sent, and rubbish sent are each told apart`() throws {
        let root = try TestAuthority()
        let leaf = try root.mint()
        #expect(try root.verify([]).code == .noCertificate)
        #expect(try root.verify([leaf] + Array(repeating: root.der, count: 9)).code == nil)
        #expect(try root.verify([leaf] + Array(repeating: root.der, count: 10)).code == .tooManyCertificates)
        #expect(try root.verify([[0x30, 0x03, 0x02, 0x01, 0x01]]).code == .malformed)
        #expect(try root.verify([leaf, [0x30, 0x00]]).code == .malformed)
        #expect(try root.verify([leaf + [0]]).code == .malformed)
    }

    @Test func `an unknown issuer, a self-signed leaf and a forged signature are told apart`() throws {
        let root = try TestAuthority()
        let other = try TestAuthority(root: .authority("other"))
        #expect(try root.verify([other.mint()]).code == .unknownIssuer)
        #expect(try root.verify([other.mint(), other.der]).code == .unknownIssuer)
        let key = try PrivateKey.generate(.p256)
        let own = try TestAuthority(root: CertificateDraft(), key: key)
        #expect(try root.verify([own.der]).code == .selfSigned)
        // The same name and the same key identifier, another key.
        let forger = try TestAuthority()
        var draft = CertificateDraft()
        draft.authorityKeyIdentifier = root.key.publicKey.keyIdentifier
        #expect(try root.verify([forger.mint(draft)]).code == .badSignature)
        // The same name and an honest key identifier: just another authority of that name.
        #expect(try root.verify([forger.mint()]).code == .unknownIssuer)
    }

    @Test func `every reason has its own metric label and an alert`() {
        let labels = ChainRejection.Code.allCases.map(\.rawValue)
        #expect(Set(labels).count == labels.count)
        #expect(labels.allSatisfy { $0.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F } })
        #expect(ChainRejection(.revoked, "").alert.rawValue == 44)
        #expect(ChainRejection(.expired, "").alert.rawValue == 45)
        #expect(ChainRejection(.unknownIssuer, "").alert.rawValue == 48)
        #expect(ChainRejection(.noCertificate, "").alert.rawValue == 116)
        #expect(ChainRejection(.wrongPurpose, "").alert.rawValue == 43)
    }
}
