import CountersignAuthentication

/// Why a request was refused, and the answer that says so.
public struct InboundRefusal: Error, Sendable, Hashable {
    /// The HTTP status: 400, 401 or 403; 503 for ``auditUnavailable``.
    public let status: Int
    /// The reason as a word from a closed set, such as `certificate_missing`.
    public let code: String
    /// One sentence for the caller.
    public let detail: String
    /// The value of `WWW-Authenticate`.
    public let challenge: String
    /// The problem details (RFC 9457) in JSON.
    public let body: [UInt8]

    /// The media type of ``body``.
    public static let contentType = "application/problem+json"

    /// The request is not served, as what became of it cannot be kept.
    public static let auditUnavailable = InboundRefusal(.auditUnavailable)

    init(_ refusal: AuthenticationRefusal) {
        status = refusal.status
        code = refusal.code.rawValue
        detail = refusal.detail
        challenge = refusal.challenge
        body = refusal.body
    }
}
