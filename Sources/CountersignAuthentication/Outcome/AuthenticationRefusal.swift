import CountersignJSON

/// Why a request was refused, and the answer that says so.
package struct AuthenticationRefusal: Error, Sendable, Hashable {
    /// The reason.
    package let code: RefusalCode
    /// One sentence for the caller: what is wrong and what would be right, and nothing of tokens or certificates.
    package let detail: String
    /// Of a token that is not good, ``TokenFault/label``: for logs and metrics.
    package let tokenReason: String?

    /// A refusal.
    package init(_ code: RefusalCode, _ detail: String, tokenReason: String? = nil) {
        self.code = code
        self.detail = detail
        self.tokenReason = tokenReason
    }

    /// What became of the request cannot be kept, and it is not served without.
    package static let auditUnavailable = AuthenticationRefusal(
        .auditUnavailable,
        "The request cannot be recorded at present."
    )

    /// The HTTP status.
    package var status: Int { code.status }

    /// The media type of ``body``.
    package static let contentType = "application/problem+json"

    /// The value of `WWW-Authenticate` (RFC 6750 section 3, RFC 8705 section 3).
    package var challenge: String {
        var value = "Bearer realm=\"countersign\""
        if let error = code.bearerError {
            value += ", error=\"\(error)\", error_description=\"\(code.rawValue)\""
        }
        return value
    }

    /// The problem details (RFC 9457).
    package var body: [UInt8] {
        let members: [JSONValue.Member] = [
            .init("type", .string("about:blank")),
            .init("title", .string(Self.title(status))),
            .init("status", .number(Int64(status))),
            .init("detail", .string(detail)),
            .init("code", .string(code.rawValue)),
        ]
        return JSONValue.object(members).compactBytes
    }

    private static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 503: "Service Unavailable"
        default: "Forbidden"
        }
    }
}
