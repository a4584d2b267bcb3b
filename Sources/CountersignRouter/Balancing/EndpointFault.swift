import CountersignTelemetry

extension EndpointFault {
    /// What a failed connection says of an endpoint; `nil` for what it is not to blame for, or for who it is.
    init?(_ failure: UpstreamFailure) {
        switch failure {
        case .refused, .timedOut, .closed, .handshake: self = .connect
        case .rejected, .identityRefused, .notTLS, .identityMissing: return nil
        }
    }
}
