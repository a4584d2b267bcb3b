import CountersignPKI
import CountersignTLS
import CountersignTelemetry

/// Why a connection to an endpoint could not be opened, or is not used any more.
enum UpstreamFailure {
    /// The endpoint is unreachable.
    case refused
    /// The connection, or its handshake, did not come about in time; `answered` when the endpoint had begun to speak TLS.
    case timedOut(isTLS: Bool, answered: Bool)
    /// The endpoint's certificate is not accepted.
    case rejected(ChainRejection)
    /// The endpoint does not accept the router's certificate, or wants one; the alert that it sent.
    case identityRefused(alert: UInt8)
    /// The endpoint answered with something other than TLS.
    case notTLS
    /// The endpoint closed or reset the connection in the handshake; `answered` when it had begun to speak TLS.
    case closed(answered: Bool)
    /// The handshake failed for another reason.
    case handshake(TLSFailure)
    /// The router has no certificate to present, or its own has ended.
    case identityMissing

    init(_ failure: TLSFailure) {
        switch failure {
        case .certificateRejected(let rejection): self = .rejected(rejection)
        case .alertReceived(let code) where Self.identityAlerts.contains(code): self = .identityRefused(alert: code)
        default: self = .handshake(failure)
        }
    }

    /// Whether the endpoint has given no sign of speaking TLS.
    var meansNoTLS: Bool {
        switch self {
        case .notTLS, .closed(answered: false), .timedOut(isTLS: true, answered: false): true
        default: false
        }
    }

    /// Whether it is about TLS, and not about reaching the endpoint.
    var isAboutTLS: Bool {
        switch self {
        case .refused, .timedOut(isTLS: false, _): false
        default: true
        }
    }

    /// Whether the endpoint is left out for a while: trying it again at once would come to the same.
    var suspends: Bool {
        switch self {
        case .rejected(let rejection): rejection.code != .revocationUnknown
        case .identityRefused, .notTLS: true
        case .refused, .timedOut, .closed, .handshake, .identityMissing: false
        }
    }

    /// What the client is told.
    var error: RouterError {
        switch self {
        case .refused: .endpointFailure
        case .timedOut: .endpointTimeout
        case .rejected(let rejection):
            switch rejection.code {
            case .nameMismatch, .invalidSPIFFE: .upstreamMisnamed
            case .revocationUnknown: .upstreamRevocationUnknown
            default: .upstreamUntrusted
            }
        case .identityRefused: .upstreamRefusesIdentity
        case .notTLS, .closed, .handshake: .upstreamHandshakeFailed
        case .identityMissing: .upstreamIdentityMissing
        }
    }

    /// How it is counted among the upstream errors.
    var kind: UpstreamErrorKind {
        switch self {
        case .refused: .connectRefused
        case .timedOut: .connectTimeout
        case .rejected: .identityRejected
        case .identityRefused: .identityRefused
        case .notTLS, .closed, .handshake, .identityMissing: .handshakeFailed
        }
    }

    /// One word from a closed set, for metrics and logs.
    var reason: String {
        switch self {
        case .refused: "connect_refused"
        case .timedOut: "handshake_timeout"
        case .rejected(let rejection): rejection.metricLabel
        case .identityRefused: "identity_refused"
        case .notTLS: "not_tls"
        case .closed: "closed"
        case .handshake(let failure): failure.metricLabel
        case .identityMissing: "identity_missing"
        }
    }

    /// What happened, for the operator.
    var explanation: String {
        switch self {
        case .refused: "the endpoint cannot be connected to"
        case .timedOut: "the handshake took too long"
        case .rejected(let rejection): rejection.explanation
        case .identityRefused(let alert):
            "the endpoint ended the session with TLS alert \(alert), which is about this router's certificate"
        case .notTLS: "the endpoint answered with something other than TLS"
        case .closed: "the endpoint closed the connection in the handshake"
        case .handshake(let failure): failure.explanation
        case .identityMissing: "the router has no current certificate of its own to present"
        }
    }

    /// How the handshake ended; `nil` when there was none.
    var handshakeResult: HandshakeResult? {
        switch self {
        case .refused, .identityMissing: nil
        case .timedOut(let isTLS, _): isTLS ? .timeout : nil
        case .closed: .closed
        case .rejected, .identityRefused, .notTLS, .handshake: .failure
        }
    }

    /// Alerts that are about the certificate of the side that gets them (RFC 8446 section 6.2).
    private static let identityAlerts: Set<UInt8> = [42, 43, 44, 45, 46, 48, 49, 116]
}
