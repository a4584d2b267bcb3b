package import CountersignIdentity

/// The agent of a host: the section `agent`.
package struct AgentSection: Sendable {
    /// The authority that issues; nil when ``cfsslURL`` does.
    package var authority: ServiceURL?

    /// The CFSSL server that issues; nil when ``authority`` does.
    package var cfsslURL: ServiceURL?

    /// The authorities that vouch for the server of the authority; empty when the file ``joinTokenFile`` or an earlier
    /// trust bundle tells.
    package var authorities: [PEMReference] = []

    /// The identity that the authority's server has; nil asks for the host of ``authority`` in its certificate.
    package var authorityID: SPIFFEID?

    /// The file with the token for joining; read when the agent joins, and may be gone afterwards.
    package var joinTokenFile: String?

    /// The folder that certificates are written to.
    package var certificateDirectory: String

    /// The services of this host that get certificates; names are distinct.
    package var services: [AgentServiceSection] = []

    /// The kind of key that is made for services.
    package var key = CertificateProfileSection.Key.p256

    /// How long a service keeps its key over renewals; zero makes a new one each time.
    package var keyLifetime = Duration.seconds(30 * 86400)

    /// The part of a certificate's lifetime, between 0 and 1, below which the agent is not ready when it was not renewed.
    package var alarmBelow = 0.2

    /// How often the trust bundle is fetched.
    package var bundleInterval = Duration.seconds(300)

    /// Whether the authority's revocation lists are kept in the certificate directory, and given to workloads.
    package var keepsRevocationLists = true

    /// How long certificates are asked to be valid; nil leaves it to the authority's profile.
    package var certificateLifetime: Duration?

    /// How long before their end certificates are renewed; nil leaves it to the authority's profile.
    package var renewsBefore: Duration?

    /// The path of the Unix socket of the Workload API; nil when it is not served.
    package var socketPath: String?

    /// Who may connect to the socket, as the rights of a file.
    package var socketMode: UInt32 = 0o666

    /// Which processes of the host are which services, for the Workload API; in this order.
    package var workloads: [AgentWorkloadSection] = []

    /// Where the section stands in the file.
    package var place = ConfigurationPlace.wholeFile("")

    /// Makes an agent that writes to a folder.
    package init(certificateDirectory: String) {
        self.certificateDirectory = certificateDirectory
    }
}

extension AgentSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `authority` (`https://` URL) or `cfssl_url` (URL; overridden by the environment's `CFSSL_URL`)
    /// - `ca_certs` (PEM, optional), `authority_spiffe_id` (SPIFFE ID, optional)
    /// - `join_token_file` (path, optional; read when the agent joins)
    /// - `cert_dir` (path, required unless the environment has `TLS_CERT_DIR`, which overrides it)
    /// - `services` (list of names or of mappings, see ``AgentServiceSection``, default empty)
    /// - `revocation_lists` (boolean, default true)
    /// - `key` (`p256`, `p384`, `rsa2048`, `rsa3072` or `rsa4096`, default `p256`), `key_lifetime` (0s...3650d, default
    ///   30d), `alarm_below` (0.01...0.9, default 0.2), `bundle_interval` (1s...1d, default 5m)
    /// - `ttl`, `renew_before` (1m...3650d and 1s...3650d, optional; overridden by the environment's
    ///   `CERT_VALIDITY_DAYS` and `ROTATION_THRESHOLD_DAYS`)
    /// - `socket` (`unix:` and a path, optional), `socket_mode` (three octal digits as a text, default `"666"`)
    /// - `workloads` (list of mappings, see ``AgentWorkloadSection``, default empty; needs `socket`)
    static func read(_ value: ValueReader) -> AgentSection? {
        value.mapping("the keys of \"agent\"") { reader in
            let directory = reader.value("cert_dir", overriddenBy: "TLS_CERT_DIR")
            if directory == nil {
                reader.reportMissing("cert_dir", "certificates are written there")
            }
            var section = AgentSection(certificateDirectory: directory?.path() ?? "")
            section.place = reader.place
            section.readIssuer(reader)
            section.authorities = reader.value("ca_certs")?.pems(.certificates) ?? []
            section.authorityID = reader.value("authority_spiffe_id")?.parsed("a SPIFFE ID", SPIFFEID.init(parsing:))
            section.joinTokenFile = reader.value("join_token_file")?.path()
            section.readServices(reader)
            section.readLifetimes(reader)
            section.key = reader.choice("key", default: section.key)
            section.keyLifetime = reader.duration(
                "key_lifetime",
                default: section.keyLifetime,
                in: .zero...longestLifetime
            )
            section.alarmBelow = reader.value("alarm_below")?.decimal(in: 0.01...0.9) ?? section.alarmBelow
            section.bundleInterval = reader.duration(
                "bundle_interval",
                default: section.bundleInterval,
                in: .seconds(1)...Duration.seconds(86400)
            )
            section.keepsRevocationLists = reader.boolean("revocation_lists", default: true)
            for service in section.services where service.followsRevocationLists && !section.keepsRevocationLists {
                reader.value("revocation_lists")?.fail(
                    "the service \(service.name) is to be told of new revocation lists (crl), and none are kept"
                )
            }
            section.readWorkloads(reader)
            return section
        }
    }

    /// The longest lifetime that can be configured.
    static let longestLifetime = Duration.seconds(3650 * 86400)

    private mutating func readServices(_ reader: MappingReader) {
        for value in reader.value("services")?.list(of: "services", atMost: 10_000) ?? [] {
            guard let service = AgentServiceSection.read(value) else { continue }
            if services.contains(where: { $0.name == service.name }) {
                value.fail("the service is listed twice")
            }
            services.append(service)
        }
    }

    private mutating func readWorkloads(_ reader: MappingReader) {
        socketPath = reader.value("socket").flatMap(Self.readSocket)
        if let value = reader.value("socket_mode"), let text = value.text(Self.expectedMode) {
            if let mode = UInt32(text, radix: 8), text.utf8.count == 3, mode & 0o600 == 0o600, mode & 0o111 == 0 {
                socketMode = mode
            } else {
                value.fail("expected \(Self.expectedMode)")
            }
        }
        guard let list = reader.value("workloads") else { return }
        if reader.value("socket") == nil {
            list.fail("workloads are served on a socket; give agent.socket, as in unix:run/agent.sock")
        }
        for value in list.list(of: "workloads", atMost: 10_000) ?? [] {
            if let rule = AgentWorkloadSection.read(value, services: services.map(\.name)) { workloads.append(rule) }
        }
    }

    private static let expectedMode = "the rights of a socket in three octal digits, as in \"666\" or \"660\""

    private mutating func readIssuer(_ reader: MappingReader) {
        let authorityValue = reader.value("authority")
        let cfsslValue = reader.value("cfssl_url")
        let cfsslOverride = reader.override("cfssl_url", by: "CFSSL_URL")
        authority = authorityValue?.parsed("a URL", ServiceURL.init(parsing:))
        if let authority, authority.scheme == .http {
            authorityValue?.fail("the authority is reached over mutual TLS; its URL has to begin with https://")
        }
        if authorityValue != nil, let cfsslValue {
            cfsslValue.fail("authority and cfssl_url exclude each other; keep one of them")
        }
        cfsslURL = (cfsslOverride ?? cfsslValue)?.parsed("a URL", ServiceURL.init(parsing:))
        if cfsslOverride != nil {
            authority = nil
        } else if authorityValue == nil, cfsslValue == nil {
            reader.reportMissing("authority", "the URL of the authority that issues, as in https://127.0.0.1:8444")
        }
    }

    private mutating func readLifetimes(_ reader: MappingReader) {
        let longest = Self.longestLifetime
        let lifetime = reader.value("ttl")?.duration(in: .seconds(60)...longest)
        let renewal = reader.value("renew_before")
        let threshold = renewal?.duration(in: .seconds(1)...longest)
        let days = reader.override("ttl", by: "CERT_VALIDITY_DAYS")
        let thresholdDays = reader.override("renew_before", by: "ROTATION_THRESHOLD_DAYS")
        certificateLifetime = days.map { $0.days(in: .seconds(60)...longest) } ?? lifetime
        renewsBefore = thresholdDays.map { $0.days(in: .seconds(1)...longest) } ?? threshold
        if let certificateLifetime, let renewsBefore, renewsBefore >= certificateLifetime {
            (thresholdDays ?? renewal)?.fail(
                "certificates would be renewed before they are issued: ttl is \(DurationText.format(certificateLifetime))"
            )
        }
    }

    static func readSocket(_ value: ValueReader) -> String? {
        let expected = "\"unix:\" and a path, as in unix:run/agent.sock"
        guard let text = value.text(expected) else { return nil }
        let path = text.dropFirst("unix:".count)
        guard text.hasPrefix("unix:"), !path.isEmpty, path.utf8.allSatisfy({ $0 >= 0x20 }) else {
            value.fail("expected \(expected)")
            return nil
        }
        let resolved = value.context.resolve(String(path.hasPrefix("//") ? path.dropFirst(2) : path))
        // The system's limit for the address of a Unix socket, with its terminator.
        guard resolved.utf8.count < 108 else {
            value.fail("the path of a Unix socket is at most 107 bytes long, and this one has \(resolved.utf8.count)")
            return nil
        }
        return resolved
    }
}
