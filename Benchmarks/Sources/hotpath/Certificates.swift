import CountersignIdentity
import CountersignPKI

/// What an authority, and whoever meets a peer for the first time, does with certificates.
enum Certificates {
    /// 2027-01-15T08:00:00Z.
    static let now: Int64 = 1_800_000_000

    static let authority = made { try IssuingAuthority.ephemeral(trustDomain: trustDomain, now: now) }

    static let workload = made {
        try CertificateProfile.workload(trustDomain: trustDomain, namespace: "default", service: "orders")
    }

    static func read() -> () -> Void {
        let der = issued
        return { Hotpath.expect((try? ParsedCertificate(der: der))?.version == 3, "a certificate is read") }
    }

    static func readRequest() -> () -> Void {
        let der = request
        return { Hotpath.expect((try? SigningRequest(der: der)) != nil, "a request is read") }
    }

    /// As a verifier does that knows the authority and not the peer: one signature is checked.
    static func verify() -> () -> Void {
        let chain = UnverifiedPeerChain(derCertificates: [issued])
        let verifier = ChainVerifier(trust: made { try TrustStore(pem: authority.trustBundlePEM) }, purpose: .client)
        return {
            guard case .success = verifier.verify(chain, atUnixSeconds: now) else {
                return Hotpath.expect(false, "the peer is accepted")
            }
        }
    }

    /// From the bytes of a request to those of a certificate, with proof that the requester has the key.
    static func sign() -> () -> Void {
        let der = request
        let (authority, profile) = (authority, workload)
        return {
            let certificate = try? authority.sign(SigningRequest(der: der), profile: profile, now: now)
            Hotpath.expect(certificate != nil, "a certificate is issued")
        }
    }

    /// The value, or the end of the program: what is fixed here can be made.
    static func made<Value>(_ make: () throws -> Value) -> Value {
        do {
            return try make()
        } catch {
            preconditionFailure("what is counted cannot be made: \(error)")
        }
    }

    private static let trustDomain = made { try TrustDomain(parsing: "example.internal") }

    private static var issued: [UInt8] {
        made { try authority.issue(workload, key: .p256, now: now).certificate.der }
    }

    private static var request: [UInt8] {
        made {
            var builder = SigningRequestBuilder()
            builder.names = [.uri("spiffe://example.internal/ns/default/sa/orders")]
            return try builder.request(for: PrivateKey.generate(.p256)).der
        }
    }
}
