/// What the access log says about a request, as positions in the bytes of its head.
package struct AccessLogRequest: Sendable, BitwiseCopyable {
    /// When the request's first byte arrived, in nanoseconds since 1970.
    package var start: Int64
    /// Whether it came over TLS.
    package var isSecure: Bool
    /// The protocol version.
    package var version: AccessLogHTTPVersion
    /// The method.
    package var method: AccessLogField = .absent
    /// The host that the request is for.
    package var host: AccessLogField = .absent
    /// The request target, with the query.
    package var target: AccessLogField = .absent
    /// The `User-Agent` header.
    package var userAgent: AccessLogField = .absent
    /// The `Referer` header.
    package var referer: AccessLogField = .absent
    /// The `X-Forwarded-For` header as it came.
    package var forwardedFor: AccessLogField = .absent
    /// The id of the trace that the request is part of.
    package var traceID: AccessLogField = .absent

    /// Creates a request whose fields are all absent.
    package init(start: Int64, isSecure: Bool, version: AccessLogHTTPVersion) {
        self.start = start
        self.isSecure = isSecure
        self.version = version
    }
}
