package import CountersignIdentity

/// The forward proxy of a host: the section `egress`.
package struct EgressSection: Sendable {
    /// What happens to calls that go to none of ``domains``.
    package enum OtherDestinations: String, CaseIterable, Hashable, Sendable {
        /// They are refused.
        case refuse

        /// They pass as they are.
        case pass
    }

    /// The address that workloads use as their HTTP_PROXY.
    package var listen = ListenAddress(address: IPAddress(v4: 0x7F00_0001), port: 8888)

    /// The hosts that are called with the workload's certificate.
    package var domains: [HostPattern] = []

    /// The routers that serve ``domains``; empty resolves their names.
    package var routers: [ListenAddress] = []

    /// What happens to other calls.
    package var otherDestinations = OtherDestinations.refuse

    /// The workload's certificate.
    package var tls = WorkloadTLSSection()

    /// The section's defaults.
    package init() {}
}

extension EgressSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `listen` (IP address and port, default `127.0.0.1:8888`; another than loopback is warned about)
    /// - `domains` (list of host names, or `*.` and a host name; default empty)
    /// - `routers` (list of IP address and port, default empty)
    /// - `other_destinations` (`refuse` or `pass`, default `refuse`)
    /// - `tls` (mapping, optional)
    static func read(_ value: ValueReader) -> EgressSection? {
        value.mapping("the keys of \"egress\"") { reader in
            var section = EgressSection()
            if let listen = reader.value("listen") {
                section.listen = listen.parsed("an address", ListenAddress.init(parsing:)) ?? section.listen
                if !section.listen.address.isLoopback {
                    listen.warn("other hosts can call with this workload's certificate")
                }
            }
            section.domains =
                reader.value("domains")?.list(of: "host names")?
                .compactMap { $0.parsed("a host name", HostPattern.init(parsing:)) } ?? []
            section.routers =
                reader.value("routers")?.list(of: "addresses")?
                .compactMap { $0.parsed("an address", ListenAddress.init(parsing:)) } ?? []
            section.otherDestinations = reader.choice("other_destinations", default: section.otherDestinations)
            section.tls = WorkloadTLSSection.read(reader)
            return section
        }
    }
}
