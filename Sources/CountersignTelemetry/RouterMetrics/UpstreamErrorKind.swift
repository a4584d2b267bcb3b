/// Why a request could not be answered by a backend.
package enum UpstreamErrorKind: Int, MetricLabel {
    /// The route has no endpoint that could be tried.
    case noEndpoint
    /// The backend refused the connection or was unreachable.
    case connectRefused
    /// The connection did not come about in time.
    case connectTimeout
    /// The TLS handshake with the backend failed.
    case tlsHandshake
    /// The backend's certificate is not the one that the route expects.
    case tlsIdentity
    /// The request could not be sent to its end.
    case sendFailed
    /// The backend did not answer in time.
    case responseTimeout
    /// The response breaks HTTP framing.
    case malformedResponse
    /// The backend closed before the response was complete.
    case closedEarly
    /// The limit of connections to the backend is reached.
    case poolExhausted

    package static var labelName: StaticString { "kind" }

    package var text: StaticString {
        switch self {
        case .noEndpoint: "no_endpoint"
        case .connectRefused: "connect_refused"
        case .connectTimeout: "connect_timeout"
        case .tlsHandshake: "tls_handshake"
        case .tlsIdentity: "tls_identity"
        case .sendFailed: "send_failed"
        case .responseTimeout: "response_timeout"
        case .malformedResponse: "malformed_response"
        case .closedEarly: "closed_early"
        case .poolExhausted: "pool_exhausted"
        }
    }
}
