package import CountersignJSON
package import CountersignPolicy

/// A route as the control plane gives it to routers: domain and policies are flattened into its options.
package struct ControlledRoute: Sendable, Hashable {
    /// Host and path.
    package let pattern: String
    /// Where requests are sent; empty when the instances that are registered on the bus serve the route.
    package let destinations: [RouteDestination]
    /// What is said of the route, with `route_policy_scope` and `route_policy_sources` where policies are enforced.
    package let options: RouteOptions

    package init(pattern: String, destinations: [RouteDestination], options: RouteOptions) {
        self.pattern = pattern
        self.destinations = destinations
        self.options = options
    }

    /// Makes the route from its records.
    ///
    /// - Parameters:
    ///   - route: the route.
    ///   - domain: its domain; where it enforces no policies, none apply.
    ///   - sources: who may call as the route's owner says.
    ///   - callerSources: who may call as the callers' owners say; nil when nobody asks them.
    package init(
        _ route: RouteRecord,
        on domain: DomainRecord,
        sources: [PolicySource],
        callerSources: [PolicySource]?
    ) {
        self.init(
            pattern: route.pattern(on: domain),
            destinations: route.destinations,
            options: Self.flattened(route.options, domain.policyScope, sources, callerSources)
        )
    }

    /// The options of a route with what its domain and its policies come to.
    ///
    /// - Parameters:
    ///   - options: what is said of the route.
    ///   - scope: the scope of its domain's policies; nil where none are enforced.
    ///   - sources: who may call as the route's owner says.
    ///   - callerSources: who may call as the callers' owners say; nil when nobody asks them.
    package static func flattened(
        _ options: RouteOptions,
        _ scope: RoutePolicyScope?,
        _ sources: [PolicySource],
        _ callerSources: [PolicySource]?
    ) -> RouteOptions {
        var elements = options.elements
        if let scope {
            elements.append(.init(RoutePolicyOption.scope.rawValue, .string(scope.rawValue)))
            if !sources.isEmpty {
                elements.append(.init(RoutePolicyOption.sources.rawValue, .string(list(sources))))
            }
            if let callerSources {
                elements.append(.init(RoutePolicyOption.callerSources.rawValue, .string(list(callerSources))))
            }
        }
        // The API takes no option of these names, so that each is there once.
        return (try? RouteOptions(elements)) ?? options
    }

    private static func list(_ sources: [PolicySource]) -> String {
        sources.map(\.description).joined(separator: ",")
    }
}

extension ControlledRoute {
    /// The route as a document.
    package var document: JSONValue {
        .object([
            .init("pattern", .string(pattern)), .init("destinations", .array(destinations.map(\.document))),
            .init("options", options.document),
        ])
    }

    /// Reads a route that ``document`` has made.
    ///
    /// - Throws: `JSONError` for what it cannot have made.
    package init(reading object: JSONObject) throws(JSONError) {
        var destinations: [RouteDestination] = []
        for member in try object.objects("destinations", known: nil) ?? [] {
            destinations.append(try RouteDestination(reading: member))
        }
        self.init(
            pattern: try object.requiredString("pattern"),
            destinations: destinations,
            options: try RouteOptions(reading: object["options"] ?? .object([]), at: "$.options")
        )
    }
}
