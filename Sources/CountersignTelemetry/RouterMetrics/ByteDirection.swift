/// Which way bytes of message bodies went between clients and the router.
package enum ByteDirection: Int, MetricLabel {
    /// From clients.
    case clientIn
    /// To clients.
    case clientOut

    package static var labelName: StaticString { "direction" }

    package var text: StaticString {
        switch self {
        case .clientIn: "client_in"
        case .clientOut: "client_out"
        }
    }
}
