import CountersignRouting

/// Routes with endpoints that are names, and which names these are.
struct NamedRoutes: Sendable {
    private var definitions: [RoutePattern: RouteDefinition] = [:]
    /// Which routes have a name; none has no routes.
    private var users: [String: Set<RoutePattern>] = [:]
    /// Names that were added or removed since this was asked last, with whether they were there then.
    private var touched: [String: Bool] = [:]

    /// The routes that have an endpoint of this name.
    func routes(with name: String) -> [RouteDefinition] {
        (users[name] ?? []).compactMap { definitions[$0] }
    }

    /// Notes a route in the place of the one with the same pattern; one without names is not kept.
    mutating func note(_ definition: RouteDefinition) {
        forget(definition.pattern)
        let names = Self.names(definition)
        guard !names.isEmpty else { return }
        definitions[definition.pattern] = definition
        for name in names {
            touch(name)
            users[name, default: []].insert(definition.pattern)
        }
    }

    /// Forgets a route.
    mutating func forget(_ pattern: RoutePattern) {
        guard let definition = definitions.removeValue(forKey: pattern) else { return }
        for name in Self.names(definition) {
            touch(name)
            users[name]?.remove(pattern)
            if users[name]?.isEmpty == true { users[name] = nil }
        }
    }

    /// Forgets every route.
    mutating func forgetAll() {
        for pattern in Array(definitions.keys) { forget(pattern) }
    }

    /// The names that are new and those that are gone since this was asked last.
    mutating func takeChanges() -> (added: [String], gone: [String]) {
        defer { touched = [:] }
        let added = touched.compactMap { name, wasThere in !wasThere && users[name] != nil ? name : nil }
        let gone = touched.compactMap { name, wasThere in wasThere && users[name] == nil ? name : nil }
        return (added, gone)
    }

    private mutating func touch(_ name: String) {
        if touched[name] == nil { touched[name] = users[name] != nil }
    }

    private static func names(_ definition: RouteDefinition) -> Set<String> {
        Set(definition.endpoints.lazy.filter { $0.resolved == nil }.map(\.host))
    }
}
