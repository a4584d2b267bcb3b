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
    /// The host, redacted (``TargetRedaction``).
    package let host: String
    /// The path, redacted (``TargetRedaction``).
    package let path: String
    /// The certificate's digest in hexadecimal.
    package var thumbprint: String?
    /// The caller's name.
    package var caller: String?

    /// Takes the parts; of host and path, what holds no secrets.
    ///
    /// - Parameters:
    ///   - time: Unix milliseconds.
    ///   - isSuccess: whether the request passed.
    ///   - reason: why not; for one that passed, what was waived.
    ///   - mode: what a request has to show.
    ///   - method: the method.
    ///   - host: the request's, as it stands.
    ///   - path: the request's target, as it stands.
    ///   - thumbprint: the certificate's digest in hexadecimal.
    ///   - caller: the caller's name.
    package init(
        time: Int64,
        isSuccess: Bool,
        reason: RefusalCode?,
        mode: InboundAuthMode,
        method: String,
        host: String,
        path: String,
        thumbprint: String?,
        caller: String?
    ) {
        self.time = time
        self.isSuccess = isSuccess
        self.reason = reason
        self.mode = mode
        self.method = method
        self.host = TargetRedaction.host(host)
        self.path = TargetRedaction.path(path)
        self.thumbprint = thumbprint
        self.caller = caller
    }

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
