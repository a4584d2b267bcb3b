package import CountersignHTTPServer
package import CountersignJSON

/// An error answer of the HTTP APIs (RFC 9457).
package struct ProblemDetails: Sendable, Hashable {
    /// The HTTP status.
    package var status: Int
    /// The code of the refusal, from a closed set.
    package var code: String
    /// One sentence for the caller.
    package var detail: String

    package init(status: Int, code: String, detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    /// A refusal of the engine with its HTTP status.
    package init(_ error: AuthorityError) {
        self.init(status: error.code.httpStatus, code: error.code.rawValue, detail: error.message)
    }

    /// Content that does not have the form that is wanted.
    package init(_ error: JSONError) {
        self.init(status: 400, code: AuthorityError.Code.malformedRequest.rawValue, detail: error.description)
    }

    /// The answer: `application/problem+json`, not to be stored.
    package var response: ServerResponse {
        let body = JSONValue.object([
            .init("type", .string("about:blank")),
            .init("title", .string(Self.title(status))),
            .init("status", .number(Int64(status))),
            .init("detail", .string(detail)),
            .init("code", .string(code)),
        ])
        var fields: [(name: String, value: String)] = [("Cache-Control", "no-store")]
        if status == 401 { fields.append(("WWW-Authenticate", "Bearer realm=\"countersign\"")) }
        if status == 429 || status == 503 { fields.append(("Retry-After", "1")) }
        return ServerResponse(
            status: status,
            contentType: "application/problem+json",
            fields: fields,
            body: body.compactBytes
        )
    }

    private static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}

extension AuthorityError.Code {
    /// The status of the native and the admin API.
    package var httpStatus: Int {
        switch self {
        case .malformedRequest: 400
        case .weakKey, .proofOfPossessionFailed, .nameNotAllowed, .unknownProfile: 422
        case .unauthenticated, .invalidToken: 401
        case .forbidden: 403
        case .unknownService, .unknownCertificate, .unknownAgent, .unknownToken: 404
        case .alreadyRevoked, .notHeld, .conflict: 409
        case .rateLimited: 429
        case .unavailable: 503
        case .signingFailed: 500
        }
    }
}
