/// How a TLS handshake ended.
package enum HandshakeResult: Int, MetricLabel {
    /// It completed.
    case full
    /// It completed by resuming an earlier session.
    case resumed
    /// It failed.
    case failure
    /// It did not complete in time.
    case timeout
    /// The peer went away before it completed.
    case closed

    package static var labelName: StaticString { "result" }

    package var text: StaticString {
        switch self {
        case .full: "full"
        case .resumed: "resumed"
        case .failure: "failure"
        case .timeout: "timeout"
        case .closed: "closed"
        }
    }
}
