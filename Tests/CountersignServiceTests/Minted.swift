import CountersignPKI
import CountersignService

/// Authorities and identities for tests.
enum Minted {
    static func authority(_ domain: String = "test.local") throws -> CertificateAuthority {
        try .ephemeral(trustDomain: try TrustDomain(parsing: domain))
    }

    /// An identity that trusts the authorities of its own domain.
    static func identity(_ service: String = "orders", of domain: String = "test.local") throws -> WorkloadIdentity {
        try authority(domain).issue(service: service)
    }
}
