import CountersignHTTPClient
import CountersignIdentity
import CountersignPKI
import CountersignTLS
import Glibc

/// An authority of one test, and the TLS of those who trust it.
struct TestAuthority {
    let issuing: IssuingAuthority
    let now = Int64(time(nil))

    init() throws {
        // A day old, so that what it issued can have expired.
        issuing = try .ephemeral(trustDomain: try TrustDomain(parsing: "test.local"), now: now - 86_400)
    }

    var trust: TrustStore {
        get throws { try TrustStore(pem: issuing.trustBundlePEM) }
    }

    func verifier(_ purpose: VerificationPurpose) throws -> ChainVerifier {
        ChainVerifier(trust: try trust, purpose: purpose)
    }

    /// A server of 127.0.0.1 and `server.test.local`.
    func serverIdentity(lifetime: Int64 = 3600) throws -> TLSIdentity {
        var profile = CertificateProfile.host(["server.test.local"], lifetimeSeconds: lifetime)
        profile.addresses = [try IPAddress(parsing: "127.0.0.1")]
        profile.spiffeID = try SPIFFEID(parsing: "spiffe://test.local/ns/default/sa/server")
        return try identity(profile, at: now)
    }

    /// A workload's identity that was issued some time ago for an hour.
    func clientIdentity(_ service: String = "client", age: Int64 = 0) throws -> TLSIdentity {
        let profile = try CertificateProfile.workload(
            trustDomain: try TrustDomain(parsing: "test.local"),
            namespace: "default",
            service: service
        )
        return try identity(profile, at: now - age)
    }

    func context(
        _ policy: ClientCertificatePolicy? = nil,
        trusting authority: TestAuthority? = nil
    ) throws -> TLSContext {
        let verifier = try policy.map { _ in LiveChainVerifier(try (authority ?? self).verifier(.client)) }
        return try context(policy ?? .required, verifier: verifier)
    }

    func context(_ policy: ClientCertificatePolicy, verifier: LiveChainVerifier?) throws -> TLSContext {
        try TLSContext(
            server: try serverIdentity(),
            minimum: .tls12,
            verifier: verifier,
            clientCertificates: policy,
            label: [1]
        )
    }

    func client(
        _ identity: TLSIdentity? = nil,
        expecting name: PeerNameRequirement? = nil
    ) throws -> ClientTLS {
        let address = PeerNameRequirement.address(try IPAddress(parsing: "127.0.0.1"))
        return try ClientTLS(verifier: try verifier(.server), expecting: name ?? address, identity: identity)
    }

    private func identity(_ profile: CertificateProfile, at moment: Int64) throws -> TLSIdentity {
        let issued = try issuing.issue(profile, key: .p256, now: moment)
        return TLSIdentity(certificateChain: issued.certificate.chainDER, privateKey: issued.key.derPKCS8)
    }
}
