package import CountersignControlModel
package import CountersignPolicy
import CountersignRouting

/// A route that is to be made.
package struct RouteDraft: Sendable {
    /// The GUID of the domain.
    package var domain: String
    /// The label in front of the domain; empty for the domain itself, `*` for every host below it.
    package var host = ""
    /// The beginning of the path; empty for the whole host.
    package var path = ""
    /// The GUID of the space that the route belongs to.
    package var space: String?
    /// Where requests are sent.
    package var destinations: [DestinationDraft] = []
    /// What is said of it.
    package var options = RouteOptions.empty
    /// What people note about it.
    package var metadata = RecordMetadata()

    package init(domain: String) {
        self.domain = domain
    }
}

/// A change of a route's options: each name gets a value, or goes.
package typealias OptionsChange = [(name: String, value: RouteOptionValue?)]

extension ControlEngine {
    /// Makes a route.
    package func create(
        _ draft: RouteDraft,
        by caller: ControlCaller,
        completion: @escaping Completion<RouteRecord>
    ) {
        change("route.create", by: caller) { context throws(ControlError) in
            try Self.edit(creating: draft, context)
        } completion: {
            completion($0)
        }
    }

    /// Changes options and notes of a route.
    package func update(
        route guid: String,
        options: OptionsChange,
        _ metadata: MetadataChange,
        by caller: ControlCaller,
        completion: @escaping Completion<RouteRecord>
    ) {
        change("route.update", by: caller) { context throws(ControlError) in
            try Self.edit(route: guid, options, metadata, context)
        } completion: {
            completion($0)
        }
    }

    /// Removes a route with its policies.
    package func deleteRoute(_ guid: String, by caller: ControlCaller, completion: @escaping Completion<Void>) {
        change("route.delete", by: caller) { context throws(ControlError) in
            let (route, domain) = try Self.route(guid, context.state)
            let policies = context.state.policyGUIDs(of: guid)
            return ControlEdit(
                deletes: policies.map { ControlRecord.Key(.policy, $0) } + [ControlRecord.Key(.route, guid)],
                target: route.pattern(on: domain),
                detail: "with \(policies.count) policies",
                value: ()
            )
        } completion: {
            completion($0)
        }
    }

    /// Adds destinations of a route, or replaces all.
    package func setDestinations(
        of guid: String,
        _ drafts: [DestinationDraft],
        replacing: Bool,
        by caller: ControlCaller,
        completion: @escaping Completion<RouteRecord>
    ) {
        change("route.destinations", by: caller) { context throws(ControlError) in
            try Self.edit(route: guid, drafts, replacing: replacing, context)
        } completion: {
            completion($0)
        }
    }

    /// Removes a destination of a route.
    package func deleteDestination(
        _ destination: String,
        of guid: String,
        by caller: ControlCaller,
        completion: @escaping Completion<Void>
    ) {
        change("route.destinations", by: caller) { context throws(ControlError) in
            var (route, domain) = try Self.route(guid, context.state)
            guard let index = route.destinations.firstIndex(where: { $0.guid == destination }) else {
                throw .unprocessable("Unable to unmap route from destination. Ensure the route has this destination.")
            }
            route.destinations.remove(at: index)
            route.header.updatedAt = context.now
            return ControlEdit(puts: [.route(route)], target: route.pattern(on: domain), value: ())
        } completion: {
            completion($0)
        }
    }

    /// What making a route comes to.
    static func edit(
        creating draft: RouteDraft,
        _ context: EditContext
    ) throws(ControlError) -> ControlEdit<RouteRecord> {
        guard let domain = context.state.domains[draft.domain] else {
            throw .unprocessable("Invalid domain. Ensure that the domain exists and you have access to it.")
        }
        let pattern = try Self.pattern(draft, on: domain)
        guard context.state.route(matching: pattern.description) == nil else {
            throw .notUnique("Route already exists: \(pattern)")
        }
        try Self.check(draft.options, on: domain, context.settings.maximumOptionsSize)
        let route = RouteRecord(
            header: context.header(),
            domain: draft.domain,
            host: draft.host.lowercased(),
            path: pattern.path,
            space: draft.space,
            destinations: try Self.destinations(draft.destinations, context, after: []),
            options: draft.options,
            metadata: draft.metadata
        )
        return ControlEdit(puts: [.route(route)], target: pattern.description, value: route)
    }

    /// What other options and notes of a route come to.
    static func edit(
        route guid: String,
        _ options: OptionsChange,
        _ metadata: MetadataChange,
        _ context: EditContext
    ) throws(ControlError) -> ControlEdit<RouteRecord> {
        var (route, domain) = try Self.route(guid, context.state)
        route.options = try Self.merged(options, into: route.options)
        try Self.check(route.options, on: domain, context.settings.maximumOptionsSize)
        route.metadata = try metadata.applied(to: route.metadata)
        route.header.updatedAt = context.now
        return ControlEdit(puts: [.route(route)], target: route.pattern(on: domain), value: route)
    }

    /// What more or other destinations of a route come to.
    static func edit(
        route guid: String,
        _ drafts: [DestinationDraft],
        replacing: Bool,
        _ context: EditContext
    ) throws(ControlError) -> ControlEdit<RouteRecord> {
        var (route, domain) = try Self.route(guid, context.state)
        route.destinations = try Self.destinations(drafts, context, after: replacing ? [] : route.destinations)
        route.header.updatedAt = context.now
        return ControlEdit(
            puts: [.route(route)],
            target: route.pattern(on: domain),
            detail: "\(route.destinations.count) destinations",
            value: route
        )
    }

    /// A route with its domain.
    ///
    /// - Throws: ``ControlError`` when there is none.
    static func route(
        _ guid: String,
        _ state: ControlState
    ) throws(ControlError) -> (route: RouteRecord, domain: DomainRecord) {
        guard let route = state.routes[guid], let domain = state.domains[route.domain] else {
            throw .notFound("Route not found")
        }
        return (route, domain)
    }

    private static func pattern(_ draft: RouteDraft, on domain: DomainRecord) throws(ControlError) -> RoutePattern {
        guard draft.path.isEmpty || draft.path.hasPrefix("/") && draft.path != "/" else {
            throw .unprocessable("Path has to begin with / and be longer than that; leave it out for the whole host")
        }
        guard !draft.path.contains("?") else { throw .unprocessable("Path has a query; routes have none") }
        guard draft.host == "*" || !draft.host.contains("*"), !draft.host.contains("/") else {
            throw .unprocessable("Host is neither a name nor *")
        }
        do throws(RoutingError) {
            let host = draft.host.isEmpty ? "" : draft.host + "."
            return try RoutePattern(parsing: host + domain.name + draft.path)
        } catch {
            throw .unprocessable("\(error.message)")
        }
    }

    private static func check(
        _ options: RouteOptions,
        on domain: DomainRecord,
        _ limit: Int
    ) throws(ControlError) {
        for name in options.elements.map(\.name) where name.hasPrefix("route_policy") {
            throw .unprocessable("Options cannot have \(name.prefix(64)): it is made of the domain and its policies")
        }
        do throws(PolicyError) {
            try options.checkSize(limit: limit)
            if let problem = RouteOptionRules.problems(of: options).first {
                let option = problem.option.map { "\($0.prefix(64)): " } ?? ""
                throw PolicyError(.invalidValue, option + problem.message)
            }
            let policy = try RoutePolicy(options)
            guard policy.form == .unstated || !domain.enforcesPolicies else {
                throw PolicyError(
                    .conflictingOptions,
                    "mtls_allowed options have no place on a domain that enforces route policies; make policies instead"
                )
            }
        } catch {
            throw .unprocessable("Options are not usable: \(error.message)")
        }
    }

    private static func merged(
        _ change: OptionsChange,
        into options: RouteOptions
    ) throws(ControlError) -> RouteOptions {
        var elements = options.elements
        for (name, value) in change {
            let index = elements.firstIndex { $0.name == name }
            switch (index, value) {
            case (let index?, let value?): elements[index] = RouteOptions.Element(name, value)
            case (let index?, nil): elements.remove(at: index)
            case (nil, let value?): elements.append(RouteOptions.Element(name, value))
            case (nil, nil): break
            }
        }
        do throws(PolicyError) {
            return try RouteOptions(elements)
        } catch {
            throw .unprocessable("Options are not usable: \(error.message)")
        }
    }
}
