import CountersignIdentity
import SwiftASN1
import Testing
import X509

@testable import CountersignPKI

@Suite struct HierarchyTests {
    static let year: Int64 = 365 * 86_400

    private func root(
        _ kind: PrivateKey.Kind = .p384,
        name: String = "Root",
        pathLength: Int? = 1,
        seconds: Int64 = 10 * Self.year
    ) throws -> (authority: RootAuthority, key: PrivateKey) {
        var profile = AuthorityProfile(lifetimeSeconds: seconds, pathLength: pathLength)
        profile.subject = self.name(name)
        let key = try PrivateKey.generate(kind)
        return (try RootAuthority.make(profile, key: key, now: TestClock.now), key)
    }

    private func name(_ text: String) -> CountersignIdentity.DistinguishedName {
        .init(encodingOrder: [.init(.organization, "Acme"), .init(.commonName, text)])
    }

    private func request(
        _ key: PrivateKey,
        _ change: (inout SigningRequestBuilder) -> Void = { _ in }
    ) throws -> SigningRequest {
        var builder = SigningRequestBuilder()
        builder.subject = self.name("Intermediate")
        builder.isAuthority = true
        builder.pathLength = 0
        change(&builder)
        return try builder.request(for: key)
    }

    private func profile(_ change: (inout AuthorityProfile) -> Void = { _ in }) -> AuthorityProfile {
        var profile = AuthorityProfile(lifetimeSeconds: Self.year, pathLength: 0)
        change(&profile)
        return profile
    }

    private func online(
        _ certificates: [[UInt8]],
        _ key: PrivateKey,
        roots: [[UInt8]]? = nil,
        allowsRoot: Bool = false,
        now: Int64 = TestClock.now
    ) throws -> IssuingAuthority {
        func pem(_ list: [[UInt8]]) -> [UInt8] {
            Array(list.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined().utf8)
        }
        return try IssuingAuthority.online(
            certificatePEM: pem(certificates),
            keyPEM: Array(key.pemPKCS8.utf8),
            rootsPEM: roots.map(pem),
            now: now,
            allowsRoot: allowsRoot
        )
    }

    @Test(arguments: [PrivateKey.Kind.p256, .p384, .rsa2048])
    func `root, intermediate and leaf verify strictly`(_ kind: PrivateKey.Kind) throws {
        let (root, _) = try self.root(kind)
        let key = try PrivateKey.generate(.p256)
        let intermediate = try root.sign(self.request(key), profile: self.profile(), now: TestClock.now)
        let authority = try self.online([intermediate.der, root.certificate.der], key)
        let trustDomain = try TrustDomain(parsing: "a")
        let leaf = try authority.issue(.service(trustDomain: trustDomain, name: "b"), key: .p256, now: TestClock.now)
        let trust = try TrustStore(pem: authority.trustBundlePEM, atUnixSeconds: TestClock.now)
        let verifier = ChainVerifier(trust: trust, purpose: .client, profile: .strict)
        let chain = UnverifiedPeerChain(derCertificates: leaf.certificate.chainDER)
        #expect(throws: Never.self) { try verifier.verify(chain, atUnixSeconds: TestClock.now).get() }
        for der in [root.certificate.der, intermediate.der] {
            var serializer = DER.Serializer()
            try serializer.serialize(try Certificate(derEncoded: der))
            #expect(serializer.serializedBytes == der)
        }
    }

    @Test func `a root says what it is for`() throws {
        let (root, key) = try self.root()
        let extensions = root.certificate.extensions
        #expect(root.certificate.isSelfSigned)
        #expect(extensions.basicConstraints == BasicConstraintsField(isAuthority: true, pathLength: 1))
        #expect(extensions.keyUsage == [.certificateSigning, .revocationListSigning])
        #expect(extensions.isCritical(.keyUsage) && extensions.isCritical(.basicConstraints))
        #expect(root.certificate.notAfter == TestClock.now + 10 * Self.year)
        #expect(key.matches(root.certificate))
        var nameless = AuthorityProfile(lifetimeSeconds: 60, pathLength: 1)
        #expect(throws: PKIError(.invalidProfile, "")) {
            try RootAuthority.make(nameless, key: key, now: TestClock.now)
        }
        nameless.subject = self.name("Root")
        nameless.lifetimeSeconds = AuthorityProfile.maximumLifetimeSeconds + 1
        #expect(throws: PKIError(.invalidProfile, "")) {
            try RootAuthority.make(nameless, key: key, now: TestClock.now)
        }
    }

    @Test func `an intermediate carries its constraints and locations and ends with its root`() throws {
        let (root, _) = try self.root(seconds: 1_000)
        let domain = try TrustDomain(parsing: "link.internal")
        let request = try self.request(PrivateKey.generate(.p256)) { $0.names = [.uri("spiffe://link.internal")] }
        let profile = self.profile { profile in
            profile.permittedTrustDomains = [domain]
            profile.permittedDNSNames = ["Link.internal"]
            profile.revocationListURIs = ["http://ca.example/root.crl"]
            profile.ocspURIs = ["http://ca.example/ocsp"]
            profile.issuerURIs = ["http://ca.example/root.cer"]
        }
        let issued = try root.sign(request, profile: profile, now: TestClock.now)
        let parsed = try ParsedCertificate(der: issued.der)
        #expect(parsed.notAfter == root.certificate.notAfter)
        #expect(parsed.extensions.basicConstraints == BasicConstraintsField(isAuthority: true, pathLength: 0))
        #expect(parsed.extensions.alternativeNames == [.uri("spiffe://link.internal")])
        #expect(parsed.extensions.nameConstraints?.permitted == [.uri("link.internal"), .dns("link.internal")])
        #expect(parsed.extensions.isCritical(.nameConstraints))
        #expect(parsed.extensions.crlDistributionPoints == ["http://ca.example/root.crl"])
        #expect(parsed.extensions.ocspResponders == ["http://ca.example/ocsp"])
        #expect(parsed.extensions.issuerLocations == ["http://ca.example/root.cer"])
        #expect(parsed.subject.text == "CN=Intermediate,O=Acme")
    }

    @Test(arguments: [("link.internal", true), ("other.internal", false)])
    func `a permitted trust domain binds what lies below`(_ name: String, _ isAllowed: Bool) throws {
        let (root, _) = try self.root()
        let key = try PrivateKey.generate(.p256)
        let permitted = try TrustDomain(parsing: "link.internal")
        let der = try root.sign(
            self.request(key),
            profile: self.profile { $0.permittedTrustDomains = [permitted] },
            now: TestClock.now
        ).der
        let authority = try self.online([der, root.certificate.der], key)
        let domain = try TrustDomain(parsing: name)
        let leaf = try authority.issue(.service(trustDomain: domain, name: "b"), key: .p256, now: TestClock.now)
        let trust = try TrustStore(pem: authority.trustBundlePEM)
        let verdict = ChainVerifier(trust: trust, purpose: .client, profile: .strict)
            .verify(UnverifiedPeerChain(derCertificates: leaf.certificate.chainDER), atUnixSeconds: TestClock.now)
        #expect(((try? verdict.get()) != nil) == isAllowed)
    }

    @Test func `a request that is not an intermediate's is refused, each with its own error`() throws {
        let (root, rootKey) = try self.root()
        let key = try PrivateKey.generate(.p256)
        func sign(_ request: SigningRequest, _ change: (inout AuthorityProfile) -> Void = { _ in }) throws {
            _ = try root.sign(request, profile: self.profile(change), now: TestClock.now)
        }
        #expect(throws: Never.self) { try sign(self.request(key)) }
        #expect(throws: PKIError(.notAuthority, "")) { try sign(self.request(key) { $0.isAuthority = false }) }
        #expect(throws: PKIError(.keyReused, "")) { try sign(self.request(rootKey)) }
        #expect(throws: PKIError(.nameNotAllowed, "")) {
            try sign(self.request(key) { $0.subject = self.name("Root") })
        }
        #expect(throws: PKIError(.invalidProfile, "")) { try sign(self.request(key) { $0.subject = .empty }) }
        for name in [AlternativeName.dns("a"), .uri("spiffe://a/b"), .uri("http://a"), .ip([1, 2, 3, 4])] {
            #expect(throws: PKIError(.nameNotAllowed, "")) { try sign(self.request(key) { $0.names = [name] }) }
        }
        #expect(throws: PKIError(.nameNotAllowed, "")) {
            try sign(self.request(key) { $0.names = [.uri("spiffe://a"), .uri("spiffe://b")] })
        }
        #expect(throws: PKIError(.pathLengthExceeded, "")) { try sign(self.request(key)) { $0.pathLength = 1 } }
        #expect(throws: PKIError(.pathLengthExceeded, "")) { try sign(self.request(key)) { $0.pathLength = nil } }
        var damaged = try self.request(key).der
        damaged[damaged.count - 1] ^= 1
        let forged = try SigningRequest(der: damaged)
        #expect(throws: PKIError(.proofOfPossessionFailed, "")) { try sign(forged) }
        #expect(throws: PKIError(.expired, "")) {
            try root.sign(self.request(key), profile: self.profile(), now: TestClock.now + 11 * Self.year)
        }
        #expect(throws: PKIError(.pathLengthExceeded, "")) {
            try self.root(pathLength: 0).authority.sign(self.request(key), profile: self.profile(), now: TestClock.now)
        }
    }

    @Test func `a root is taken from its files, and nothing else is`() throws {
        let (root, key) = try self.root()
        let other = try PrivateKey.generate(.p256)
        let intermediate = try root.sign(self.request(other), profile: self.profile(), now: TestClock.now)
        func load(_ pem: String, _ key: PrivateKey, now: Int64 = TestClock.now) throws {
            _ = try RootAuthority(certificatePEM: Array(pem.utf8), key: key, now: now)
        }
        #expect(throws: Never.self) { try load(root.certificatePEM, key) }
        #expect(throws: PKIError(.keyMismatch, "")) { try load(root.certificatePEM, other) }
        #expect(throws: PKIError(.notSelfSigned, "")) { try load(intermediate.certificatePEM, other) }
        #expect(throws: PKIError(.unexpectedBlock, "")) { try load(root.certificatePEM + root.certificatePEM, key) }
        #expect(throws: PKIError(.expired, "")) {
            try load(root.certificatePEM, key, now: TestClock.now + 11 * Self.year)
        }
        #expect(throws: PKIError(.notYetValid, "")) { try load(root.certificatePEM, key, now: TestClock.now - 60) }
        let leaf = try TestAuthority(root: .workload("spiffe://a/b"))
        #expect(throws: PKIError(.notAuthority, "")) {
            try load(PEMBlock.text(label: "CERTIFICATE", der: leaf.der), leaf.key)
        }
    }

    @Test func `a server refuses the root's key, however it is given`() throws {
        let (root, rootKey) = try self.root()
        let key = try PrivateKey.generate(.p256)
        let der = try root.sign(self.request(key), profile: self.profile(), now: TestClock.now).der
        #expect(throws: Never.self) { try self.online([der, root.certificate.der], key) }
        #expect(throws: PKIError(.rootKeyLoaded, "")) { try self.online([root.certificate.der], rootKey) }
        #expect(throws: PKIError(.rootKeyLoaded, "")) { try self.online([der, root.certificate.der], rootKey) }
        #expect(throws: Never.self) { try self.online([root.certificate.der], rootKey, allowsRoot: true) }
    }

    @Test func `a server refuses what it cannot sign with, each with its own error`() throws {
        let root = try TestAuthority(root: .authority("Root", pathLength: 1))
        let key = try PrivateKey.generate(.p256)
        func refusal(_ change: (inout CertificateDraft) -> Void, key other: PrivateKey? = nil) -> PKIError.Code? {
            do {
                var draft = CertificateDraft.authority("Intermediate", pathLength: 0)
                change(&draft)
                _ = try self.online([root.mint(draft, key: key), root.der], other ?? key)
                return nil
            } catch {
                return (error as? PKIError)?.code
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal({ _ in }, key: try PrivateKey.generate(.p256)) == .keyMismatch)
        #expect(refusal { $0.basicConstraints = (false, nil) } == .notAuthority)
        #expect(refusal { $0.basicConstraints = nil } == .notAuthority)
        #expect(refusal { $0.keyUsage = KeyUsage(cRLSign: true) } == .mayNotSignCertificates)
        #expect(refusal { $0.keyUsage = KeyUsage(keyCertSign: true) } == .mayNotSignRevocationLists)
        #expect(refusal { $0.notAfter = TestClock.now - 1 } == .expired)
        #expect(refusal { $0.notBefore = TestClock.now + 1 } == .notYetValid)
    }

    @Test func `a server refuses a chain that peers would refuse`() throws {
        let (root, _) = try self.root()
        let (stranger, _) = try self.root(name: "Stranger")
        let key = try PrivateKey.generate(.p256)
        let der = try root.sign(self.request(key), profile: self.profile(), now: TestClock.now).der
        #expect(throws: PKIError(.brokenChain, "")) { try self.online([der, stranger.certificate.der], key) }
        #expect(throws: PKIError(.brokenChain, "")) { try self.online([der], key, roots: [stranger.certificate.der]) }
        #expect(throws: Never.self) { try self.online([der], key, roots: [root.certificate.der]) }
        let short = try TestAuthority(root: .authority("Short", pathLength: 0))
        let below = try short.mint(.authority("Below"), key: key)
        #expect(throws: PKIError(.pathLengthExceeded, "")) { try self.online([below, short.der], key) }
        #expect(throws: PKIError(.pathLengthExceeded, "")) { try self.online([below], key, roots: [short.der]) }
    }

    @Test func `two roots are trusted during a roll-over`() throws {
        let (old, _) = try self.root(name: "Root 2020")
        let (new, _) = try self.root(name: "Root 2026")
        let key = try PrivateKey.generate(.p256)
        let der = try new.sign(self.request(key), profile: self.profile(), now: TestClock.now).der
        let roots = [old.certificate.der, new.certificate.der]
        let authority = try self.online([der], key, roots: roots)
        #expect(try TrustStore(pem: authority.trustBundlePEM).authoritiesDER == roots)
    }

    @Test(arguments: [PrivateKey.Kind.p256, .p384, .rsa2048])
    func `requests are what the other implementation reads`(_ kind: PrivateKey.Kind) throws {
        let key = try PrivateKey.generate(kind)
        var builder = SigningRequestBuilder()
        builder.subject = self.name("web")
        builder.names = [.dns("web.example"), .uri("spiffe://a/b"), .ip([192, 0, 2, 1])]
        for builder in [builder, SigningRequestBuilder()] {
            let request = try builder.request(for: key)
            #expect(request.isSelfConsistent)
            #expect(request.extensions.alternativeNames == builder.names)
            let other = try CertificateSigningRequest(derEncoded: request.der)
            #expect(other.publicKey.isValidSignature(other.signature, for: other))
            #expect(try SigningRequest(pem: Array(request.pem.utf8)).der == request.der)
        }
        #expect(try SigningRequest.withoutNames(for: key).subject.isEmpty)
    }

    @Test func `no description or dump shows the root's key`() throws {
        let (root, key) = try self.root()
        var shown = "\(root)"
        dump(root, to: &shown)
        #expect(!shown.contains("BEGIN") && !shown.contains("\(key.derPKCS8[40]), \(key.derPKCS8[41])"))
    }
}
