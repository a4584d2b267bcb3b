package import CountersignJSON

/// What is kept of a decision: who, by thumbprint and name, and never a certificate, a key or a token.
package struct AuditEvent: Sendable, Hashable {
    /// When, in Unix milliseconds.
    package var time: Int64
    /// Whether the request passed.
    package var isSuccess: Bool
    /// Why not; for one that passed, what was waived.
    package var reason: RefusalCode?
    /// What a request has to show.
    package var mode: InboundAuthMode
    /// The method.
    package var method: String
    /// The host.
    package var host: String
    /// The path without its query, which can hold secrets.
    package var path: String
    /// The certificate's digest in hexadecimal.
    package var thumbprint: String?
    /// The caller's name.
    package var caller: String?

    /// The event as one JSON object.
    package var json: JSONValue {
        .object([
            .init("time", .number(time)),
            .init("event", .string(isSuccess ? "mtls_auth_success" : "mtls_auth_failure")),
            .init("reason", .optional(reason?.rawValue)),
            .init("mode", .string(mode.rawValue)),
            .init("method", .string(method)),
            .init("host", .string(host)),
            .init("path", .string(path)),
            .init("thumbprint", .optional(thumbprint)),
            .init("caller", .optional(caller)),
        ])
    }
}
