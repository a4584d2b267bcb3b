/// What is known about the certificate in use; its status follows from the time at which somebody asks.
package struct IdentityFacts: Sendable, Equatable {
    /// The trust domain, without a scheme.
    package var trustDomain: String
    /// The SPIFFE id; empty when the certificate has none.
    package var spiffeID: String
    /// The serial number in lower-case hexadecimal.
    package var certificateSerial: String
    /// The first second of validity, since 1970.
    package var notBefore: Int64
    /// The last second of validity, since 1970.
    package var notAfter: Int64
    /// From when on it should be renewed, in seconds since 1970.
    package var renewAt: Int64
    /// Whether its authority has revoked or suspended it.
    package var isRevoked: Bool

    /// Creates facts about a certificate.
    ///
    /// - Parameters:
    ///   - trustDomain: The trust domain, without a scheme.
    ///   - spiffeID: The SPIFFE id; empty when the certificate has none.
    ///   - certificateSerial: The serial number in lower-case hexadecimal.
    ///   - notBefore: The first second of validity, since 1970.
    ///   - notAfter: The last second of validity, since 1970.
    ///   - renewAt: From when on it should be renewed; nil takes two thirds of the lifetime.
    ///   - isRevoked: Whether its authority has revoked or suspended it.
    package init(
        trustDomain: String,
        spiffeID: String,
        certificateSerial: String,
        notBefore: Int64,
        notAfter: Int64,
        renewAt: Int64? = nil,
        isRevoked: Bool = false
    ) {
        self.trustDomain = trustDomain
        self.spiffeID = spiffeID
        self.certificateSerial = certificateSerial
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.renewAt = renewAt ?? notBefore / 3 + notAfter / 3 * 2
        self.isRevoked = isRevoked
    }

    /// The status at a time in seconds since 1970.
    package func status(at now: Int64) -> IdentityStatus {
        IdentityStatus(
            enabled: true,
            trustDomain: self.trustDomain,
            spiffeID: self.spiffeID,
            certificateSerial: self.certificateSerial,
            isCertificateValid: !self.isRevoked && self.notBefore <= now && now <= self.notAfter,
            remainingSeconds: self.notAfter > now ? self.notAfter &- max(now, 0) : 0,
            needsRenewal: now >= self.renewAt
        )
    }
}
