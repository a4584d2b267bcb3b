/// What became of the PROXY protocol header that a proxy's connection may begin with.
package enum ProxyHeaderResult: Int, MetricLabel {
    /// It said who the client is.
    case accepted
    /// It said that the connection is the proxy's own, or nothing of use.
    case local
    /// There was none, and there need not be one.
    case absent
    /// There was none where there has to be one, or one that cannot be accepted; the connection was closed.
    case refused

    package static var labelName: StaticString { "result" }

    package var text: StaticString {
        switch self {
        case .accepted: "accepted"
        case .local: "local"
        case .absent: "absent"
        case .refused: "refused"
        }
    }
}
