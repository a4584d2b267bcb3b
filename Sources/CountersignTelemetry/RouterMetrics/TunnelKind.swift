/// How a tunnel came to be.
package enum TunnelKind: Int, MetricLabel {
    /// By a CONNECT request.
    case connect
    /// By a switch to another protocol, such as WebSocket.
    case upgrade

    package static var labelName: StaticString { "kind" }

    package var text: StaticString {
        switch self {
        case .connect: "connect"
        case .upgrade: "upgrade"
        }
    }
}
