/// How an identity is doing, wherever it comes from: for health probes and metrics; encodes as JSON.
public struct IdentityStatus: Sendable, Hashable, Codable {
    /// The SPIFFE ID of the present certificate; nil when it has none.
    public let spiffeID: String?
    /// The serial number of the present certificate in lower-case hexadecimal.
    public let certificateSerial: String
    /// Whether the present certificate is valid now.
    public let isCertificateValid: Bool
    /// How long it stays valid, in seconds; 0 when it does not.
    public let remainingSeconds: Int64
    /// Whether half of its lifetime has passed, so that a new one is due.
    public let needsRenewal: Bool
    /// Whether peers are looked up in revocation lists; when not, one whose certificate is revoked is let in until it ends.
    public let isRevocationChecked: Bool
    /// What has gone wrong since the source last gave something that can be used; nil when nothing has.
    public let lastFailure: IdentityFailure?

    init(_ identity: WorkloadIdentity, _ failure: IdentityFailure?, atUnixSeconds now: Int64) {
        spiffeID = identity.spiffeID?.description
        certificateSerial = identity.serialNumber
        isCertificateValid = identity.isValid(atUnixSeconds: now)
        remainingSeconds = identity.remainingSeconds(atUnixSeconds: now)
        needsRenewal = identity.needsRenewal(atUnixSeconds: now)
        isRevocationChecked = identity.revocation.isOn
        lastFailure = failure
    }

    private enum CodingKeys: String, CodingKey {
        case spiffeID = "spiffe_id"
        case certificateSerial = "cert_serial"
        case isCertificateValid = "cert_valid"
        case remainingSeconds = "remaining_secs"
        case needsRenewal = "needs_renewal"
        case isRevocationChecked = "revocation_checked"
        case lastFailure = "last_failure"
    }
}

/// Why an identity could not be renewed.
public struct IdentityFailure: Sendable, Hashable, Codable {
    /// The kind of problem, of those of ``ServiceIdentityError/Code``.
    public let code: String
    /// One sentence for the operator.
    public let message: String
    /// When it was noticed last, in Unix seconds.
    public let time: Int64

    init(_ error: ServiceIdentityError, atUnixSeconds now: Int64) {
        code = error.code.description
        message = error.message
        time = now
    }
}
