import CountersignIdentity
import Testing
import X509

@testable import CountersignPKI

/// A good encoding and its reader.
struct EncodedForm: CustomTestStringConvertible {
    let testDescription: String
    let encoding: [UInt8]
    let read: @Sendable ([UInt8]) throws -> Void

    func isRead(_ tree: EncodingTree) -> Bool {
        (try? self.read(tree.encoded)) != nil
    }

    static let certificate: @Sendable ([UInt8]) throws -> Void = { _ = try ParsedCertificate(der: $0) }
    static let list: @Sendable ([UInt8]) throws -> Void = { _ = try RevocationList(der: $0) }
    static let request: @Sendable ([UInt8]) throws -> Void = { _ = try SigningRequest(der: $0) }
    static let question: @Sendable ([UInt8]) throws -> Void = { _ = try OCSPRequest(der: $0) }

    /// One of each that is read: certificates, a request, a list, an OCSP request, a private key.
    static func all() throws -> [Self] {
        let domain = try TrustDomain(parsing: "example.org")
        let authority = try IssuingAuthority.ephemeral(trustDomain: domain, now: TestClock.now)
        var profile = try CertificateProfile.service(trustDomain: domain, name: "a")
        profile.organizations = ["Acme"]
        profile.addresses = [try IPAddress(parsing: "192.0.2.1")]
        profile.revocationListURIs = ["http://crl.example/1"]
        profile.ocspURIs = ["http://ocsp.example/"]
        let root = try TestAuthority()
        var constrained = CertificateDraft.authority("constrained", pathLength: 1)
        constrained.permitted = [.dnsName("example.org")]
        constrained.excluded = [.dnsName("bad.example.org")]
        var list = TestRevocationList()
        list.serials = [([1], .superseded), ([2], nil)]
        var request = SigningRequestBuilder()
        request.names = [.dns("a.example"), .uri("spiffe://example.org/a")]
        request.isAuthority = true
        let leaf = try authority.issue(profile, key: .p256, now: TestClock.now).certificate.der
        return [
            Self(testDescription: "leaf", encoding: leaf, read: Self.certificate),
            Self(testDescription: "leaf, RSA", encoding: try Self.rsaLeaf(authority, profile), read: Self.certificate),
            Self(
                testDescription: "authority",
                encoding: try root.intermediate(constrained).der,
                read: Self.certificate
            ),
            Self(testDescription: "request", encoding: try request.request(for: root.key).der, read: Self.request),
            Self(testDescription: "list", encoding: try list.encoded(by: root), read: Self.list),
            Self(testDescription: "OCSP request", encoding: Self.ocspRequest, read: Self.question),
            Self(testDescription: "PKCS#8", encoding: root.key.derPKCS8) { _ = try PrivateKey(derPKCS8: $0) },
        ]
    }

    private static func rsaLeaf(_ authority: IssuingAuthority, _ profile: CertificateProfile) throws -> [UInt8] {
        try authority.issue(profile, key: .rsa2048, now: TestClock.now).certificate.der
    }

    /// About one certificate, with a nonce.
    static let ocspRequest = DERWriter.sequence { request in
        request.sequence { signed in
            signed.field(DERTag.sequence) { list in
                list.sequence { single in
                    single.sequence { id in
                        id.sequence { $0.objectIdentifier(.sha1) }
                        id.field(DERTag.octetString, content: [UInt8](repeating: 1, count: 20))
                        id.field(DERTag.octetString, content: [UInt8](repeating: 2, count: 20))
                        id.integer(7)
                    }
                }
            }
            signed.field(DERTag.constructed(2)) { tagged in
                tagged.sequence { list in
                    list.encoded(
                        ExtensionEncoding.encode(.ocspNonce) { $0.field(DERTag.octetString, content: [1, 2, 3]) }
                    )
                }
            }
        }
    }
}
