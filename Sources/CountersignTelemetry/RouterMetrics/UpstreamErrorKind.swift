/// Why a request could not be answered by a backend.
package enum UpstreamErrorKind: Int, MetricLabel {
    /// The route has no endpoint that could be tried: none at all, or none with an address.
    case noEndpoint
    /// The backend refused the connection or was unreachable.
    case connectRefused
    /// The connection did not come about in time.
    case connectTimeout
    /// The backend did not answer in time.
    case responseTimeout
    /// The response breaks HTTP framing.
    case malformedResponse
    /// The backend closed before the response was complete.
    case closedEarly
    /// The backend's certificate is not accepted.
    case identityRejected
    /// The backend does not accept the router's certificate.
    case identityRefused
    /// The TLS handshake with the backend failed otherwise.
    case handshakeFailed

    package static var labelName: StaticString { "kind" }

    package var text: StaticString {
        switch self {
        case .noEndpoint: "no_endpoint"
        case .connectRefused: "connect_refused"
        case .connectTimeout: "connect_timeout"
        case .responseTimeout: "response_timeout"
        case .malformedResponse: "malformed_response"
        case .closedEarly: "closed_early"
        case .identityRejected: "identity_rejected"
        case .identityRefused: "identity_refused"
        case .handshakeFailed: "handshake_failed"
        }
    }
}
