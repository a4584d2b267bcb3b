import CountersignIdentity
import CountersignPKI
import CountersignService
import Glibc

/// Authorities and identities for tests.
enum Minted {
    static func authority(_ domain: String = "test.local") throws -> CertificateAuthority {
        try .ephemeral(trustDomain: try TrustDomain(parsing: domain))
    }

    /// An identity that trusts the authorities of its own domain.
    static func identity(_ service: String = "orders", of domain: String = "test.local") throws -> WorkloadIdentity {
        try authority(domain).issue(service: service)
    }

    /// An authority below a root: what it issues is verified with its own certificate alone.
    static func intermediate(of domain: TrustDomain) throws -> IssuingAuthority {
        func profile(_ name: String, pathLength: Int) -> AuthorityProfile {
            var profile = AuthorityProfile(lifetimeSeconds: 86_400, pathLength: pathLength)
            profile.subject = DistinguishedName(encodingOrder: [.init(.commonName, name)])
            return profile
        }
        let now = Int64(time(nil))
        let root = try RootAuthority.make(profile("Root", pathLength: 1), key: .generate(.p256), now: now)
        let key = try PrivateKey.generate(.p256)
        var builder = SigningRequestBuilder()
        builder.isAuthority = true
        builder.pathLength = 0
        let signed = try root.sign(
            try builder.request(for: key),
            profile: profile("Intermediate", pathLength: 0),
            now: now
        )
        return try IssuingAuthority(
            certificatePEM: Array((PEMBlock.text(label: "CERTIFICATE", der: signed.der) + root.certificatePEM).utf8),
            keyPEM: Array(key.pemPKCS8.utf8),
            now: now
        )
    }

    /// An authority's service identity, which trusts the roots of the authority.
    ///
    /// - Parameter revocation: the lists that it looks at.
    static func identity(
        _ service: String,
        from issuer: IssuingAuthority,
        of domain: TrustDomain,
        revocation: RevocationChecking = .none
    ) throws -> WorkloadIdentity {
        let now = Int64(time(nil))
        let issued = try issuer.issue(
            try .workload(trustDomain: domain, namespace: "default", service: service),
            key: .p256,
            now: now
        )
        return try WorkloadIdentity(
            certificateChain: issued.certificate.chainDER,
            privateKey: issued.key,
            trust: try TrustStore(pem: issuer.trustBundlePEM, trustDomains: .only([domain])),
            revocation: revocation,
            atUnixSeconds: now
        )
    }

    /// The list of an authority with one certificate on it.
    static func list(revoking revoked: WorkloadIdentity, by issuer: IssuingAuthority) throws -> RevocationList {
        let now = Int64(time(nil))
        let entry = RevocationListContent.Entry(
            serialNumber: try ParsedCertificate(der: revoked.certificateChain[0]).serialNumber,
            date: now - 1,
            reason: .keyCompromise
        )
        let content = RevocationListContent(number: 1, thisUpdate: now - 1, nextUpdate: now + 3_600, entries: [entry])
        return try RevocationList(der: try issuer.revocationList(content))
    }
}
