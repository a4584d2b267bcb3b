package import CountersignNATS
package import CountersignTLS

/// How to reach the bus.
package struct NATSClientSettings: Sendable {
    /// One server of the bus.
    package struct Server: Sendable {
        /// A host name, or an IP address without brackets.
        package var host: String
        /// The port.
        package var port: UInt16
        /// The TLS of a connection to it, whose verifier decides about its name too; nil for plain text.
        package var tls: TLSContext?

        /// Makes a server from its parts.
        package init(host: String, port: UInt16, tls: TLSContext?) {
            self.host = host
            self.port = port
            self.tls = tls
        }

        /// Host and port, as messages name it.
        package var label: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    /// The servers, of which one at a time is used.
    package var servers: [Server]
    /// Who the client is.
    package var credentials: NATSCredentials
    /// The client's name, which servers show.
    package var name: String
    /// The client's version.
    package var version: String
    /// What to hear, as a subject with wildcards.
    package var subject: String
    /// How long a server may take to let the client in.
    package var connectTime = Duration.seconds(5)
    /// How often the server is asked whether it is still there; it is given up after three times without an answer.
    package var pingInterval = Duration.seconds(20)

    /// Makes settings from what has no default.
    package init(
        servers: [Server],
        credentials: NATSCredentials,
        name: String,
        version: String,
        subject: String
    ) {
        self.servers = servers
        self.credentials = credentials
        self.name = name
        self.version = version
        self.subject = subject
    }
}
