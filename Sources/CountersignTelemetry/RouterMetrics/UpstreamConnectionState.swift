/// What a connection to a backend is doing.
package enum UpstreamConnectionState: Int, MetricLabel {
    /// Carries a request.
    case active
    /// Waits in the pool.
    case idle
    /// Is being opened.
    case connecting

    package static var labelName: StaticString { "state" }

    package var text: StaticString {
        switch self {
        case .active: "active"
        case .idle: "idle"
        case .connecting: "connecting"
        }
    }
}
