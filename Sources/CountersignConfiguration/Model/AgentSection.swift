/// The agent of a host: the section `agent`.
package struct AgentSection: Sendable {
    /// The authority that issues; nil when ``cfsslURL`` does.
    package var authority: ServiceURL?

    /// The CFSSL server that issues; nil when ``authority`` does.
    package var cfsslURL: ServiceURL?

    /// The file with the token for joining; nil when the agent has joined already.
    package var joinTokenFile: SecretReference?

    /// The folder that certificates are written to.
    package var certificateDirectory: String

    /// The services of this host that get certificates, by name.
    package var services: [String] = []

    /// How long certificates are asked to be valid; nil leaves it to the authority's profile.
    package var certificateLifetime: Duration?

    /// How long before their end certificates are renewed; nil leaves it to the authority's profile.
    package var renewsBefore: Duration?

    /// The path of the Unix socket of the Workload API; nil when it is not served.
    package var socketPath: String?

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
    /// - `join_token_file` (path, optional)
    /// - `cert_dir` (path, required unless the environment has `TLS_CERT_DIR`, which overrides it)
    /// - `services` (list of names, default empty)
    /// - `ttl`, `renew_before` (1m...3650d and 1s...3650d, optional; overridden by the environment's
    ///   `CERT_VALIDITY_DAYS` and `ROTATION_THRESHOLD_DAYS`)
    /// - `socket` (`unix:` and a path, optional)
    static func read(_ value: ValueReader) -> AgentSection? {
        value.mapping("the keys of \"agent\"") { reader in
            let directory = reader.value("cert_dir", overriddenBy: "TLS_CERT_DIR")
            if directory == nil {
                reader.reportMissing("cert_dir", "certificates are written there")
            }
            var section = AgentSection(certificateDirectory: directory?.path() ?? "")
            section.place = reader.place
            section.readIssuer(reader)
            if let file = reader.value("join_token_file"), let path = file.path() {
                section.joinTokenFile = SecretReference(source: .file(path), place: file.place)
            }
            for service in reader.value("services")?.list(of: "service names", atMost: 10_000) ?? [] {
                guard let name = service.identityName("a service name") else { continue }
                if section.services.contains(name) {
                    service.fail("the service is listed twice")
                }
                section.services.append(name)
            }
            section.readLifetimes(reader)
            section.socketPath = reader.value("socket").flatMap(readSocket)
            return section
        }
    }

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
        let longest = Duration.seconds(3650 * 86400)
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

    private static func readSocket(_ value: ValueReader) -> String? {
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
