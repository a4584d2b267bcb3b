package import CountersignAuthentication

/// What is to be kept of a decision: who, by thumbprint and name, and never a certificate, a key or a token.
public struct InboundAudit: Sendable, Hashable {
    /// When, in Unix milliseconds.
    public let time: Int64
    /// Whether the request passed.
    public let isSuccess: Bool
    /// Why not; for one that passed, what was waived.
    public let reason: String?
    /// The method.
    public let method: String
    /// The host without a user before it.
    public let host: String
    /// The path without what may hold secrets: users, query, fragment, and parameters of segments.
    public let path: String
    /// The certificate's digest in hexadecimal.
    public let thumbprint: String?
    /// The caller's name.
    public let caller: String?
    /// What a request had to show.
    public let mode: InboundMode
    /// The event as the audit trail keeps it.
    package let event: AuditEvent
    /// Whether a header about a certificate was left out of account, as it came from an address that is not trusted.
    public let ignoredForwarded: Bool

    init(_ verdict: InboundVerdict, _ refusal: AuthenticationRefusal?) {
        var event = verdict.audit
        if let refusal { event.reason = refusal.code }
        time = event.time
        isSuccess = event.isSuccess
        reason = event.reason?.rawValue
        method = event.method
        host = event.host
        path = event.path
        thumbprint = event.thumbprint
        caller = event.caller
        mode = InboundMode(event.mode)
        self.event = event
        ignoredForwarded = verdict.ignoredForwarded
    }
}
