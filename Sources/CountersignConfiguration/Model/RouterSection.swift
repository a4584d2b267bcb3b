import CountersignIdentity
import CountersignPolicy
import CountersignRouting

/// The identity-aware reverse proxy: the section `router`.
package struct RouterSection: Sendable {
    /// The addresses that clients connect to; never empty after reading.
    package var listen: [ListenAddress] = []

    /// The router's own certificates and TLS versions.
    package var tls = RouterTLSSection()

    /// The largest that a route's options may be as JSON, in bytes, 0...65536.
    package var maximumRouteOptionsSize = RouteOptions.defaultMaximumEncodedSize

    /// The mutual TLS domains; no two overlap.
    package var domains: [DomainSection] = []

    /// Domains whose name is missing or wrong, which refuses the file; kept for the check of their other keys and files.
    package var namelessDomains: [DomainSection] = []

    /// The static routes; no two are the same.
    package var routes: [RouteSection] = []

    /// How many event loops serve connections, 1...256; nil stands for one a processor.
    package var workers: Int?

    /// Limits on what a client may send and hold.
    package var limits = LimitsSection()

    /// HTTP/2 with clients.
    package var http2 = HTTP2Section()

    /// How long the router waits for what.
    package var timeouts = TimeoutsSection()

    /// The connections that are kept to endpoints.
    package var pool = PoolSection()

    /// How requests are spread over endpoints.
    package var balancing = BalancingSection()

    /// How often requests are tried again.
    package var retries = RetriesSection()

    /// When endpoints are left out for their failures.
    package var ejection = EjectionSection()

    /// How long a registered route whose last endpoint has ended is answered with 503; nil for 404 at once.
    package var emptyPoolTimeout: Duration? = .seconds(30)

    /// How long a client's connection may last; nil for as long as its certificate.
    package var maximumConnectionAge: Duration?

    /// The control plane that routes and policies come from; nil when there is none.
    package var control: ControlFeedSection?

    /// The authority whose revocations are followed; nil when revocations come from lists alone.
    package var revocation: RevocationSection?

    /// Which kinds of traffic are taken, and from whom.
    package var traffic = RouterTrafficSection()

    /// What load balancers and operators are told; nil for nothing.
    package var status: StatusSection?

    /// The log of requests.
    package var accessLog = AccessLogSection()

    /// Where the path of the access log stands in the file.
    package var accessLogPlace = ConfigurationPlace.section("router.access_log.path")

    /// Where the section stands in the file.
    package var place = ConfigurationPlace.wholeFile("")

    /// The section's defaults, which listen nowhere.
    package init() {}
}

extension RouterSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `listen` (IP address and port, or a list of them; required)
    /// - `tls` (mapping, required)
    /// - `max_route_options_size` (0...65536 bytes, default 1024)
    /// - `domains`, `routes` (lists, default empty)
    /// - `workers` (1...256, default: the number of processors)
    /// - `limits`, `http2`, `timeouts`, `pool`, `balancing`, `retries`, `ejection`, `revocation`, `control`, `status`,
    ///   `access_log` (mappings, optional)
    /// - `empty_pool_response_code_503` (boolean, default true), `empty_pool_timeout` (0s...1h, default 30s)
    /// - `max_connection_age` (1s...30d, default: none)
    /// - the keys of ``RouterTrafficSection``
    static func read(_ value: ValueReader) -> RouterSection? {
        value.mapping("the keys of \"router\"") { reader in
            var section = RouterSection()
            section.place = reader.place
            section.listen = readListen(reader)
            if let tls = reader.required("tls", "the router serves TLS and needs a certificate") {
                section.tls = RouterTLSSection.read(tls) ?? section.tls
            }
            section.maximumRouteOptionsSize = reader.integer(
                "max_route_options_size",
                default: section.maximumRouteOptionsSize,
                in: 0...65536
            )
            let domains = reader.value("domains")?.list(of: "domains")?.compactMap(DomainSection.read) ?? []
            section.domains = domains.filter(\.hasName)
            section.namelessDomains = domains.filter { !$0.hasName }
            section.workers = reader.value("workers")?.integer(in: 1...256)
            section.limits = reader.value("limits").flatMap(LimitsSection.read) ?? section.limits
            section.http2 = reader.value("http2").flatMap(HTTP2Section.read) ?? section.http2
            section.timeouts = reader.value("timeouts").flatMap(TimeoutsSection.read) ?? section.timeouts
            section.pool = reader.value("pool").flatMap(PoolSection.read) ?? section.pool
            section.balancing = reader.value("balancing").flatMap(BalancingSection.read) ?? section.balancing
            section.retries = reader.value("retries").flatMap(RetriesSection.read) ?? section.retries
            section.ejection = reader.value("ejection").flatMap(EjectionSection.read) ?? section.ejection
            section.emptyPoolTimeout = readEmptyPoolTimeout(reader)
            section.revocation = reader.value("revocation").flatMap(RevocationSection.read)
            section.control = reader.value("control").flatMap(ControlFeedSection.read)
            section.status = reader.value("status").flatMap(StatusSection.read)
            section.maximumConnectionAge = reader.value("max_connection_age")?
                .duration(in: .seconds(1) ... .seconds(30 * 86_400))
            section.traffic = RouterTrafficSection.read(reader, listen: section.listen)
            if let value = reader.value("access_log") {
                section.accessLog = AccessLogSection.read(value) ?? section.accessLog
                section.accessLogPlace = value.place(of: "path")
            }
            let limit = section.maximumRouteOptionsSize
            section.routes =
                reader.value("routes")?.list(of: "routes")?
                .compactMap { RouteSection.read($0, maximumOptionsSize: limit) } ?? []
            return section
        }
    }

    private static func readEmptyPoolTimeout(_ reader: MappingReader) -> Duration? {
        let time = reader.duration("empty_pool_timeout", default: .seconds(30), in: .zero ... .seconds(3600))
        return reader.boolean("empty_pool_response_code_503", default: true) && time > .zero ? time : nil
    }

    private static func readListen(_ reader: MappingReader) -> [ListenAddress] {
        guard let value = reader.required("listen", "clients connect there, as in [\"0.0.0.0:8443\"]"),
            let values = value.listOrSingle(of: "addresses", atMost: 64)
        else { return [] }
        if values.isEmpty {
            value.fail("the list is empty; name at least one address, as in [\"0.0.0.0:8443\"]")
        }
        var addresses: [ListenAddress] = []
        for value in values {
            guard let address = value.parsed("an address", ListenAddress.init(parsing:)) else { continue }
            if addresses.contains(address), address.port != 0 {
                value.fail("the address is listed twice")
            }
            addresses.append(address)
        }
        return addresses
    }

    /// The domain that a route's hosts are on; nil when they are on none.
    ///
    /// A route `*.x` is looked up by a name that the domain `*.x` matches.
    package func domain(of route: RouteSection) -> DomainSection? {
        let host = route.pattern.host
        guard let name = try? HostName(parsing: route.pattern.isWildcard ? "any.\(host)" : host) else { return nil }
        return domains.first { $0.pattern.matches(name) }
    }
}
