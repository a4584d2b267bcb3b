/// The protocol version of a request in the access log.
package enum AccessLogHTTPVersion: Sendable, BitwiseCopyable {
    /// HTTP/1.0.
    case http10
    /// HTTP/1.1.
    case http11
    /// HTTP/2.
    case http2

    /// The version as a request line writes it.
    var text: StaticString {
        switch self {
        case .http10: "HTTP/1.0"
        case .http11: "HTTP/1.1"
        case .http2: "HTTP/2.0"
        }
    }
}
