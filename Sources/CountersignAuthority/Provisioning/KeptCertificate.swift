package import CountersignIssuance
package import CountersignPKI

/// A certificate that this process keeps for a service, with its key.
package struct KeptCertificate: Sendable {
    /// The private key: a secret.
    package var key: PrivateKey
    /// When the key was made, in Unix milliseconds.
    package var keyMadeAt: Int64
    /// The certificate's serial number in lower-case hexadecimal.
    package var serial: String
    /// How long the certificate is good.
    package var validity: IssuedValidity
    /// When it is renewed.
    package var rule: RenewalRule
    /// Which rotation it fulfils: when that was asked for, in Unix seconds; nil when none was.
    package var rotation: Int64?

    package init(
        key: PrivateKey,
        keyMadeAt: Int64,
        serial: String,
        validity: IssuedValidity,
        rule: RenewalRule,
        rotation: Int64?
    ) {
        self.key = key
        self.keyMadeAt = keyMadeAt
        self.serial = serial
        self.validity = validity
        self.rule = rule
        self.rotation = rotation
    }
}
