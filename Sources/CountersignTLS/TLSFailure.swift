package import CountersignPKI

/// Why a TLS session ended in failure.
package enum TLSFailure: Error, Sendable {
    /// The peer's certificate chain was not accepted; the alert told the peer as much as it may know.
    case certificateRejected(ChainRejection)
    /// A certificate is required and none was sent.
    case certificateMissing
    /// The peer ended the session with this alert (RFC 8446 section 6).
    case alertReceived(UInt8)
    /// The bytes break the protocol, or no version or cipher is shared; the text is the library's reason.
    case protocolViolation(String)
    /// The handshake did not come to its end in time.
    case timeout
    /// The handshake saw another server name than the one its context was chosen by.
    case serverNameMismatch

    /// One word from a closed set, for metrics and logs.
    package var metricLabel: String {
        switch self {
        case .certificateRejected(let rejection): rejection.metricLabel
        case .certificateMissing: "certificate_missing"
        case .alertReceived: "alert_received"
        case .protocolViolation: "protocol"
        case .timeout: "handshake_timeout"
        case .serverNameMismatch: "server_name_mismatch"
        }
    }

    /// What happened, for the log of the side that detected it.
    package var explanation: String {
        switch self {
        case .certificateRejected(let rejection): rejection.explanation
        case .certificateMissing: "the client sent no certificate; this domain requires one"
        case .alertReceived(let code): "the peer ended the session with TLS alert \(code)"
        case .protocolViolation(let reason): reason
        case .timeout: "the handshake took too long"
        case .serverNameMismatch: "the server name changed between the first bytes and the handshake"
        }
    }
}
