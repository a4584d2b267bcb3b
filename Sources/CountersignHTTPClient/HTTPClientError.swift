package import CountersignPKI

/// Why a call to a server failed.
package struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure; the raw value is a label for metrics and logs.
    package enum Code: String, Sendable, CaseIterable {
        /// The call cannot be made as it was asked for.
        case invalidRequest = "invalid_request"
        /// The host's name does not resolve.
        case unresolvable = "unresolvable"
        /// Nobody listens at the address.
        case refused = "refused"
        /// The address cannot be reached.
        case unreachable = "unreachable"
        /// The time was over.
        case timeout = "timeout"
        /// The server's certificate was not accepted here.
        case tlsRejected = "tls_rejected"
        /// The server ended the TLS session with an alert, for example because of this client's certificate.
        case tlsRefused = "tls_refused"
        /// The TLS session failed otherwise.
        case tlsFailed = "tls_failed"
        /// The connection ended before the answer did.
        case connectionLost = "connection_lost"
        /// The answer breaks the protocol.
        case protocolViolation = "protocol_violation"
        /// The answer is larger than is accepted.
        case tooLarge = "too_large"
        /// Another thread ended the call.
        case cancelled = "cancelled"
        /// The server answered with a status other than the one that was needed.
        case status = "status"
    }

    /// What kind of failure it is.
    package let code: Code
    /// What happened, with the endpoint; without contents of requests.
    package let message: String
    /// The status, for ``Code/status``.
    package let status: Int?
    /// Why the server's certificate was not accepted, for ``Code/tlsRejected``.
    package let rejection: ChainRejection.Code?

    /// Makes an error; the message says what happened and where.
    package init(_ code: Code, _ message: String, status: Int? = nil, rejection: ChainRejection.Code? = nil) {
        self.code = code
        self.message = message
        self.status = status
        self.rejection = rejection
    }

    /// The message.
    package var description: String { message }
}
