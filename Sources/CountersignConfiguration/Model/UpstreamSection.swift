package import CountersignIdentity
package import CountersignPolicy
package import CountersignRouting

/// A named upstream: an element of the list `subgraphs`.
package struct UpstreamSection: Sendable {
    /// The name that routes use.
    package var name: String

    /// Where requests are sent, and the host that the upstream has to be.
    package var url: ServiceURL

    /// The instances of the upstream; when empty, they are what the host of ``url`` resolves to.
    package var instances: [Endpoint] = []

    /// What differs from the section `mtls` for this upstream.
    package var mtls: UpstreamMutualTLS

    /// How requests are spread over its endpoints by routes that do not say it: `loadbalancing` and what belongs to it.
    package var balancing = RouteOptions.empty

    /// How its endpoints are asked whether they are well; nil when they are not.
    package var healthCheck: HealthCheckSection?

    /// Where the upstream stands in the file.
    package var place: ConfigurationPlace

    /// Where its URL stands in the file.
    package var urlPlace: ConfigurationPlace

    /// Makes an upstream from its parts.
    package init(
        name: String,
        url: ServiceURL,
        mtls: UpstreamMutualTLS,
        place: ConfigurationPlace,
        urlPlace: ConfigurationPlace
    ) {
        self.name = name
        self.url = url
        self.mtls = mtls
        self.place = place
        self.urlPlace = urlPlace
    }
}

extension UpstreamSection {
    /// Where connections to the upstream go; never empty.
    package var endpoints: [Endpoint] {
        let places = instances.isEmpty ? [Endpoint(host: url.host, port: url.port)] : instances
        return places.map { Endpoint(host: $0.host, port: $0.port, usesTLS: url.isSecure, upstream: name) }
    }

    /// The trust domain of the SPIFFE ID that the upstream must have; nil when it needs none.
    ///
    /// - Parameter mtls: what holds where the upstream says nothing of its own.
    package func expectedTrustDomain(_ mtls: MutualTLSSection) -> TrustDomain? {
        if let name = self.mtls.serverCertDomainSAN { return (try? SPIFFEID(parsing: name))?.trustDomain }
        let needsID = self.mtls.isEnabled ?? mtls.isEnabled || self.mtls.serviceName != nil
        return self.mtls.trustDomain ?? (needsID ? mtls.trustDomain : nil)
    }

    /// Reads an element of the list.
    ///
    /// ## Configuration keys
    /// - `name` (name, required, distinct)
    /// - `url` (`http://` or `https://`, required)
    /// - `endpoints` (list of host and port, optional)
    /// - `loadbalancing`, `hash_header`, `hash_balance` (as in a route's options)
    /// - `mtls`, `health_check` (mappings, optional)
    static func read(_ value: ValueReader) -> UpstreamSection? {
        value.mapping("an upstream with \"name\" and \"url\"") { reader in
            let name = reader.required("name", "routes name the upstream by it")?.identityName("a name")
            if let name, !reader.context.declare(upstream: name) {
                reader.value("name")?.fail("there is another upstream of this name")
            }
            let url = reader.required("url", "requests are sent there, as in http://127.0.0.1:4001")?
                .parsed("a URL", ServiceURL.init(parsing:))
            let mtls = reader.value("mtls").map { UpstreamMutualTLS.read($0) } ?? UpstreamMutualTLS()
            if let url, url.scheme == .http, mtls?.isEnabled == true {
                reader.value("url")?.fail("mutual TLS is enabled for this upstream; its URL has to begin with https://")
            }
            if let url, url.scheme == .http, let mtls, mtls.isEnabled != true, mtls.asksForTLS {
                reader.value("mtls")?.warn(
                    "its keys have no effect: the URL begins with http://, and requests go in plain text"
                )
            }
            guard let name, let url, let mtls else { return nil }
            let urlPlace = reader.value("url")?.place ?? reader.place
            var section = UpstreamSection(name: name, url: url, mtls: mtls, place: reader.place, urlPlace: urlPlace)
            section.instances = reader.value("endpoints").flatMap(RouteSection.readEndpoints) ?? []
            section.balancing = readBalancing(reader)
            section.healthCheck = reader.value("health_check").flatMap(HealthCheckSection.read)
            return section
        }
    }

    private static func readBalancing(_ reader: MappingReader) -> RouteOptions {
        var elements: [RouteOptions.Element] = []
        for name in RouteBalancing.optionNames {
            guard let scalar = reader.value(name)?.scalar(expected: "a text or a number") else { continue }
            elements.append(RouteOptions.Element(name, .string(scalar.text)))
        }
        // Names are distinct, and all values are texts.
        guard let options = try? RouteOptions(elements) else { return .empty }
        var problems: [(option: String, message: String)] = []
        _ = RouteBalancing(options, problems: &problems)
        for problem in problems { reader.value(problem.option)?.fail(problem.message) }
        return options
    }
}
