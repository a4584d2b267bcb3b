import CountersignControlModel
import CountersignPolicy
import CountersignRouting

extension ControlledRoute {
    /// The route for a table, with what of its options cannot be used; nil when its pattern is no route.
    ///
    /// What cannot be used is left out, which only ever narrows who may call.
    func definition(ignored: inout [PolicyError]) -> RouteDefinition? {
        guard let pattern = try? RoutePattern(parsing: pattern) else { return nil }
        return RouteDefinition(
            pattern: pattern,
            endpoints: destinations.map(\.endpoint),
            options: options,
            policy: RoutePolicy(lenient: options, ignored: &ignored),
            place: "control plane"
        )
    }
}

extension RouteDestination {
    /// The endpoint, whose name nobody has resolved yet.
    var endpoint: Endpoint {
        var tags: [(String, String)] = []
        if let organization { tags.append(("organization_id", organization)) }
        if let space { tags.append(("space_id", space)) }
        return Endpoint(
            host: host,
            port: port,
            tags: EndpointTags(tags),
            instance: EndpointInstance(application: app, id: guid),
            serverCertDomainSAN: certificateName,
            applicationProtocol: usesHTTP2 ? .http2 : .http1,
            usesTLS: usesTLS
        )
    }
}
