import CountersignIdentity
import CountersignPolicy

extension EgressSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `listen` (address of loopback and port, default `127.0.0.1:8888`)
    /// - `domains` (list of host names, or `*.` and a host name; default empty)
    /// - `routers` (list of IP address and port; required with `domains`)
    /// - `router_spiffe_id` (SPIFFE ID, optional)
    /// - `ca_certs` (PEM or a list of them; required with `domains`), `crls` (PEM or a list of them, optional); the
    ///   environment's `TLS_CA_FILE` overrides `ca_certs`
    /// - `cert_dir` (path, required with `domains`; overridden by the environment's `TLS_CERT_DIR`)
    /// - `workloads` (list of mappings, see ``AgentWorkloadSection``, each with `uid`; required)
    /// - `others` (`refuse` or `pass`, default `refuse`), `allow` and `deny` (lists of destinations, default empty)
    /// - `connect_ports` (list of ports, default 443)
    /// - `max_connections_per_user` (1...1000000 and no more than `limits.max_connections`, optional)
    /// - `max_lookup_descriptors` (1024...1048576, default 262144)
    /// - `workers` (1...256, optional), `limits`, `timeouts`, `access_log` (mappings, as those of the router)
    static func read(_ value: ValueReader) -> EgressSection? {
        value.mapping("the keys of \"egress\"") { reader in
            var section = EgressSection()
            section.place = reader.place
            section.readListener(reader)
            section.readRules(reader)
            section.readRouters(reader)
            section.readWorkloads(reader)
            section.workers = reader.value("workers")?.integer(in: 1...256)
            section.limits = reader.value("limits").flatMap(LimitsSection.read) ?? section.limits
            section.readConnectionsPerUser(reader)
            section.maximumLookupDescriptors =
                reader.value("max_lookup_descriptors")?.integer(in: 1_024...1_048_576)
                ?? section.maximumLookupDescriptors
            section.timeouts = reader.value("timeouts").flatMap(TimeoutsSection.read) ?? section.timeouts
            section.accessLogPlace = reader.place
            if let log = reader.value("access_log") {
                section.accessLogPlace = log.place
                section.accessLog = AccessLogSection.read(log) ?? section.accessLog
            }
            return section
        }
    }

    private mutating func readListener(_ reader: MappingReader) {
        guard let value = reader.value("listen") else { return }
        listen = value.parsed("an address", ListenAddress.init(parsingOfLoopback:)) ?? listen
        guard !listen.address.isLoopback else { return }
        value.fail(
            "\(listen) is no address of loopback; whoever can reach the proxy from elsewhere is no workload of this host, and "
                + "nobody could tell who it is; write 127.0.0.1:\(listen.port)"
        )
    }

    private mutating func readConnectionsPerUser(_ reader: MappingReader) {
        guard let value = reader.value("max_connections_per_user"), let count = value.integer(in: 1...1_000_000) else {
            return
        }
        maximumConnectionsPerUser = count
        guard count > limits.maximumConnections else { return }
        value.fail(
            "\(count) connections of one user are more than the \(limits.maximumConnections) that there may be of all "
                + "(limits.max_connections); write a smaller number, or leave it out for a quarter of them"
        )
    }

    private mutating func readRules(_ reader: MappingReader) {
        rules.domains =
            reader.value("domains")?.list(of: "host names")?
            .compactMap { $0.parsed("a host name", HostPattern.init(parsing:)) } ?? []
        rules.others = reader.choice("others", default: rules.others)
        rules.allowed = Self.destinations(reader.value("allow"))
        rules.denied = Self.destinations(reader.value("deny"))
        if let ports = reader.value("connect_ports") {
            rules.tunnelPorts =
                ports.listOrSingle(of: "ports")?
                .compactMap { $0.integer(in: 1...65_535).flatMap(UInt16.init(exactly:)) } ?? []
        }
        if rules.others == .refuse, !rules.allowed.isEmpty {
            reader.value("allow")?.fail("others are refused, so that nothing of the list passes; set others to pass")
        } else if rules.others == .pass, rules.allowed.isEmpty {
            reader.value("others")?.warn(
                "workloads may call every host that deny does not name; list in allow those that they need"
            )
        }
    }

    private static func destinations(_ value: ValueReader?) -> [Destination] {
        value?.list(of: "destinations")?.compactMap { $0.parsed("a destination", Destination.init(parsing:)) } ?? []
    }

    private mutating func readRouters(_ reader: MappingReader) {
        routers =
            reader.value("routers")?.list(of: "addresses")?
            .compactMap { $0.parsed("an address", ListenAddress.init(parsing:)) } ?? []
        routerID = reader.value("router_spiffe_id")?.parsed("a SPIFFE ID", SPIFFEID.init(parsing:))
        let anchors = reader.value("ca_certs", overriddenBy: "TLS_CA_FILE")
        authorities = anchors?.pems(.certificates) ?? []
        revocationLists = reader.value("crls")?.pems(.revocationLists) ?? []
        let directory = reader.value("cert_dir", overriddenBy: "TLS_CERT_DIR")
        certificateDirectory = directory?.path() ?? ""
        guard !rules.domains.isEmpty else { return }
        if !reader.has("routers") { reader.reportMissing("routers", "the addresses of the routers that serve domains") }
        if anchors == nil { reader.reportMissing("ca_certs", "the routers' certificates are checked against it") }
        if directory == nil {
            reader.reportMissing(
                "cert_dir",
                "the folder with the workloads' certificates, such as the agent's cert_dir"
            )
        }
    }

    private mutating func readWorkloads(_ reader: MappingReader) {
        guard let value = reader.required("workloads", "which processes may call, and which service each of them is")
        else {
            return
        }
        workloads =
            value.list(of: "workloads", atMost: 10_000)?.compactMap { AgentWorkloadSection.read($0, needsUser: true) }
            ?? []
        if case .sequence(let nodes) = value.node.content, nodes.isEmpty {
            value.fail("the list is empty, so that nobody may call; name at least one workload")
        }
    }
}
