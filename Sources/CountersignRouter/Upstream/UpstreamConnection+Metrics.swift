import CountersignTelemetry

extension UpstreamConnection.State {
    /// The gauge that counts connections in this state.
    var label: UpstreamConnectionState? {
        switch self {
        case .connecting, .handshaking: .connecting
        case .active: .active
        case .idle: .idle
        case .closed: nil
        }
    }
}
