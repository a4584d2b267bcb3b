/// Why a connection to the bus is given up.
package enum NATSFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server does not offer TLS, which the client insists on.
    case noTLS
    /// The server insists on TLS, which the client was not told to use.
    case tlsRequired
    /// The server does not accept the user, the token or the certificate.
    case unauthorized
    /// The server is about to end.
    case leaving
    /// The server has not answered for several intervals.
    case unresponsive
    /// The server objects to something; its words, cut short.
    case refused(String)
    /// The server's `INFO` is no document that can be read.
    case malformedInfo
    /// The server said something before its time.
    case outOfOrder
    /// The bytes are not the protocol.
    case violation(NATSViolation)

    /// What is wrong and what would be right.
    package var description: String {
        switch self {
        case .noTLS: "the server does not offer TLS, and nats.tls_enabled is set"
        case .tlsRequired: "the server requires TLS; set nats.tls_enabled and nats.ca_certs"
        case .unauthorized: "the server does not accept the user, password, token or certificate that were given"
        case .leaving: "the server is about to end"
        case .unresponsive: "the server has not answered in time"
        case .refused(let objection): "the server refuses: \(objection)"
        case .malformedInfo: "the server's INFO is not a JSON object that can be read"
        case .outOfOrder: "the server said something before its time"
        case .violation(let violation): "not the protocol of NATS: \(violation.rawValue)"
        }
    }
}
