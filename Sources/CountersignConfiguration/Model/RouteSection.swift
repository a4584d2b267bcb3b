import CountersignIdentity
package import CountersignPolicy
package import CountersignRouting

/// A static route: an element of the list `router.routes`.
package struct RouteSection: Sendable {
    /// Where a route's requests are sent.
    package enum Target: Sendable {
        /// To these endpoints, in turn; never empty after reading.
        case endpoints([Endpoint])

        /// To the upstream of this name in `subgraphs`.
        case upstream(String)
    }

    /// Which requests the route takes.
    package var pattern: RoutePattern

    /// Where they are sent.
    package var target: Target

    /// The options that ``policy`` was made from.
    package var options = RouteOptions.empty

    /// Who may call.
    package var policy = RoutePolicy.unstated

    /// How its endpoints are asked whether they are well; nil when they are not.
    package var healthCheck: HealthCheckSection?

    /// Where the route stands in the file.
    package var place: ConfigurationPlace

    /// Makes a route without options.
    package init(pattern: RoutePattern, target: Target, place: ConfigurationPlace) {
        self.pattern = pattern
        self.target = target
        self.place = place
    }
}

extension RouteSection {
    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `route` (host or `*.` and a host, optionally with a path; required)
    /// - `endpoints` (list of host and port) or `upstream` (a name of `subgraphs`); one of them
    /// - `options` (mapping of strings, numbers and booleans, optional)
    /// - `health_check` (mapping, optional; with `upstream`, the upstream's)
    static func read(_ value: ValueReader, maximumOptionsSize: Int) -> RouteSection? {
        value.mapping("a route with \"route\" and \"endpoints\" or \"upstream\"") { reader in
            let route = reader.required("route", "a host with an optional path, as in backend.example.com/v1")
            let pattern = route?.parsed("a route", RoutePattern.init(parsing:))
            let target = readTarget(reader)
            let options = reader.value("options").flatMap {
                RouteOptionsReader(value: $0, maximumSize: maximumOptionsSize).read()
            }
            let check = reader.value("health_check")
            if case .upstream = target {
                check?.fail("the endpoints are the upstream's; put health_check there, in subgraphs")
            }
            let healthCheck = check.flatMap(HealthCheckSection.read)
            if let check, let healthCheck, healthCheck.host == nil, pattern?.isWildcard == true {
                check.fail("the route has no host of its own; say by host which one is asked of")
            }
            guard let route, let pattern else { return nil }
            // Without a target, which refuses the file, the route still counts against another one like it.
            var section = RouteSection(pattern: pattern, target: target ?? .endpoints([]), place: route.place)
            section.healthCheck = healthCheck
            if let options {
                section.options = options.options
                section.policy = options.policy
            }
            return section
        }
    }

    private static func readTarget(_ reader: MappingReader) -> Target? {
        let endpoints = reader.value("endpoints")
        let upstream = reader.value("upstream")
        switch (endpoints, upstream) {
        case (let endpoints?, nil):
            return readEndpoints(endpoints).map(Target.endpoints)
        case (nil, let upstream?):
            return readUpstream(upstream)
        case (_?, let upstream?):
            upstream.fail("endpoints and upstream exclude each other; keep one of them")
            return nil
        case (nil, nil):
            reader.reportMissing("endpoints", "give endpoints, as in [\"127.0.0.1:9000\"], or an upstream")
            return nil
        }
    }

    private static func readUpstream(_ value: ValueReader) -> Target? {
        guard let name = value.identityName("the name of an upstream") else { return nil }
        let names = value.context.upstreams
        if !names.contains(name) {
            value.fail(
                "there is no upstream \(IdentityError.excerpt(of: name)) in subgraphs",
                suggestion: KeySuggestion.nearest(to: name, among: names.sorted())
            )
        }
        return .upstream(name)
    }

    /// Reads a list of endpoints; nil, with a problem, when there is none.
    static func readEndpoints(_ value: ValueReader) -> [Endpoint]? {
        guard let values = value.listOrSingle(of: "endpoints", atMost: 10_000) else { return nil }
        guard !values.isEmpty else {
            value.fail("the list is empty; name at least one endpoint, as in [\"127.0.0.1:9000\"]")
            return nil
        }
        var endpoints: [Endpoint] = []
        for value in values {
            guard let endpoint = value.parsed("an endpoint", Endpoint.init(parsing:)) else { continue }
            if endpoints.contains(endpoint) {
                value.fail("the endpoint is listed twice")
            }
            endpoints.append(endpoint)
        }
        return endpoints.isEmpty ? nil : endpoints
    }
}
