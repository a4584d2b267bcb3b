/// The message bus that routes come from: the section `nats`.
package struct NATSSection: Sendable {
    /// A server of the bus.
    package struct Server: Hashable, Sendable {
        /// A host name, or an IP address without brackets.
        package var hostname: String

        /// The port, 1...65535.
        package var port: UInt16

        /// Makes a server from its parts.
        package init(hostname: String, port: UInt16) {
            self.hostname = hostname
            self.port = port
        }
    }

    /// The servers, tried in turn; never empty after reading.
    package var hosts: [Server] = []

    /// The user; empty for none.
    package var user = ""

    /// The password; nil for none.
    package var password: SecretReference?

    /// The token that stands for user and password; nil for none.
    package var token: SecretReference?

    /// Whether the connection uses TLS.
    package var usesTLS = false

    /// The authorities of the servers' certificates.
    package var authorities: [PEMReference] = []

    /// The certificate that is shown to the servers; nil for none.
    package var certificate: CertificateSection?

    /// Whether routes are kept while no server of the bus can be reached.
    package var suspendsPruningWhenUnavailable = false

    /// How often stale routes are looked for.
    package var pruneInterval = Duration.seconds(30)

    /// How long a route lives without being registered again.
    package var staleThreshold = Duration.seconds(120)

    /// How long routes are collected at start before the router is ready, and the least time that is asked for between
    /// two registrations of one endpoint.
    package var startResponseDelay = Duration.seconds(5)

    /// The section's defaults, without a server.
    package init() {}
}

extension NATSSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `hosts` (list of `hostname` and `port`, 1...65535, default 4222; at least one)
    /// - `user` (text, default empty), `pass` or `pass_file` (secret, default none)
    /// - `token` or `token_file` (secret, default none; in place of user and password)
    /// - `tls_enabled` (boolean, default false), `ca_certs` (PEM, required with TLS), `cert_chain`, `private_key` (PEM, only
    ///   with TLS)
    /// - `suspend_pruning_if_nats_unavailable` (boolean, default false)
    /// - `prune_stale_droplets_interval` (1s...1h, default 30s)
    /// - `droplet_stale_threshold` (1s...24h, default 120s)
    /// - `start_response_delay_interval` (0s...10m, default 5s)
    static func read(_ value: ValueReader) -> NATSSection? {
        value.mapping("the keys of \"nats\"") { reader in
            var section = NATSSection()
            if let hosts = reader.required("hosts", "as in [{ hostname: 127.0.0.1, port: 4222 }]") {
                let values = hosts.list(of: "servers", atMost: 64)
                if values?.isEmpty == true {
                    hosts.fail("the list is empty; leave the section out when there is no bus")
                }
                section.hosts = values?.compactMap(Server.read) ?? []
            }
            section.user = reader.value("user")?.text(mayBeEmpty: true) ?? section.user
            section.password = reader.secret("pass")
            section.token = reader.secret("token")
            section.checkCredentials(reader)
            section.usesTLS = reader.boolean("tls_enabled", default: section.usesTLS)
            section.readTLS(reader)
            section.suspendsPruningWhenUnavailable = reader.boolean(
                "suspend_pruning_if_nats_unavailable",
                default: section.suspendsPruningWhenUnavailable
            )
            section.pruneInterval = reader.duration(
                "prune_stale_droplets_interval",
                default: section.pruneInterval,
                in: .seconds(1) ... .seconds(3600)
            )
            section.staleThreshold = reader.duration(
                "droplet_stale_threshold",
                default: section.staleThreshold,
                in: .seconds(1) ... .seconds(86400)
            )
            section.startResponseDelay = reader.duration(
                "start_response_delay_interval",
                default: section.startResponseDelay,
                in: .zero ... .seconds(600)
            )
            return section
        }
    }

    private func checkCredentials(_ reader: MappingReader) {
        if token != nil, !user.isEmpty || password != nil {
            (reader.value("token") ?? reader.value("token_file"))?
                .fail("a token stands in place of user and pass; give one or the other")
        }
    }

    private mutating func readTLS(_ reader: MappingReader) {
        let values = ["ca_certs", "cert_chain", "private_key"].map(reader.value)
        guard usesTLS else {
            for value in values {
                value?.fail("the key needs tls_enabled: true; without it the bus is reached in plain text")
            }
            return
        }
        authorities =
            reader.required("ca_certs", "the authorities of the servers' certificates")?.pems(.certificates) ?? []
        let chain = values[1]?.pem(.certificates)
        let key = values[2]?.pem(.privateKey)
        if (values[1] == nil) != (values[2] == nil) {
            (values[1] ?? values[2])?.fail("cert_chain and private_key belong together; give both or neither")
        }
        if let chain, let key {
            certificate = CertificateSection(chain: chain, privateKey: key)
        }
    }
}
