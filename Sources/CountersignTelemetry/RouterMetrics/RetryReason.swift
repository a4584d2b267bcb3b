/// Why a request was sent to another endpoint, or once more.
package enum RetryReason: Int, MetricLabel {
    /// An endpoint could not be connected to, or did not prove who it is.
    case connect
    /// An endpoint ended the connection before it said anything, and the request does no harm when it is sent twice.
    case connectionLost

    package static var labelName: StaticString { "reason" }

    package var text: StaticString {
        switch self {
        case .connect: "connect"
        case .connectionLost: "connection_lost"
        }
    }
}
