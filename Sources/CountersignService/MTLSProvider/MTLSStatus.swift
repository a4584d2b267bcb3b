/// How an ``MTLSProvider`` is doing, for health probes.
public struct MTLSStatus: Sendable, Hashable, Codable {
    /// Whether mutual TLS is used at all.
    public let enabled: Bool
    /// The SPIFFE trust domain.
    public let trustDomain: String
    /// The SPIFFE ID of the present certificate; empty when mutual TLS is turned off.
    public let spiffeID: String
    /// The serial number of the present certificate in lower-case hexadecimal; empty when mutual TLS is turned off.
    public let certificateSerial: String
    /// Whether the present certificate is valid now.
    public let isCertificateValid: Bool
    /// How long it stays valid, in seconds; 0 when it does not.
    public let remainingSeconds: UInt64
    /// Whether half of its lifetime has passed, so that a new one is due.
    public let needsRenewal: Bool

    private enum CodingKeys: String, CodingKey {
        case enabled
        case trustDomain = "trust_domain"
        case spiffeID = "spiffe_id"
        case certificateSerial = "cert_serial"
        case isCertificateValid = "cert_valid"
        case remainingSeconds = "remaining_secs"
        case needsRenewal = "needs_renewal"
    }
}
