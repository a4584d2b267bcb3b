/// The state of the process's own identity, as health probes read it.
package struct IdentityStatus: Sendable, Equatable {
    /// Whether the process has an identity of its own at all.
    package var enabled: Bool
    /// The trust domain, without a scheme.
    package var trustDomain: String
    /// The SPIFFE id.
    package var spiffeID: String
    /// The certificate's serial number in lower-case hexadecimal.
    package var certificateSerial: String
    /// Whether the certificate is valid now.
    package var isCertificateValid: Bool
    /// Seconds until the certificate expires; 0 when it has.
    package var remainingSeconds: Int64
    /// Whether the time to renew has come.
    package var needsRenewal: Bool

    /// A process without an identity.
    package static var disabled: Self {
        Self(
            enabled: false,
            trustDomain: "",
            spiffeID: "",
            certificateSerial: "",
            isCertificateValid: false,
            remainingSeconds: 0,
            needsRenewal: false
        )
    }

    /// An identity that is to come.
    package static var awaited: Self {
        var status = Self.disabled
        status.enabled = true
        status.needsRenewal = true
        return status
    }

    /// Writes the status as a JSON object.
    func render(into json: inout JSONObjectWriter) {
        json.member("enabled", self.enabled)
        json.member("trust_domain", self.trustDomain)
        json.member("spiffe_id", self.spiffeID)
        json.member("cert_serial", self.certificateSerial)
        json.member("cert_valid", self.isCertificateValid)
        json.member("remaining_secs", self.remainingSeconds)
        json.member("needs_renewal", self.needsRenewal)
    }
}
