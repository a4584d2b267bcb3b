/// What an endpoint did to fail a request, as far as it is to blame.
package enum EndpointFault: Int, MetricLabel {
    /// It could not be connected to, or its TLS handshake failed, though not for who it is.
    case connect
    /// It ended or reset the connection before its response was complete.
    case reset
    /// It did not answer, or did not go on, in time.
    case timeout
    /// Its response breaks HTTP framing.
    case malformed
    /// It answered with a status of 500 or more, where that counts.
    case serverError
    /// It did not prove who it is, or does not accept the router's certificate.
    case identity

    package static var labelName: StaticString { "cause" }

    package var text: StaticString {
        switch self {
        case .connect: "connect"
        case .reset: "reset"
        case .timeout: "timeout"
        case .malformed: "malformed"
        case .serverError: "server_error"
        case .identity: "identity"
        }
    }
}
