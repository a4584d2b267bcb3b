import CountersignPolicy
import CountersignRouting
import Testing

/// A second in the registry's time.
let second: UInt64 = 1_000_000_000

/// A registry that expectations can change: they take what they look at as a constant.
final class TestRegistry {
    private var registry: RouteRegistry

    init(seed: UInt64 = seed) {
        registry = RouteRegistry(seed: seed)
    }

    var endpointCount: Int { registry.endpointCount }
    var routeCount: Int { registry.routeCount }

    func add(
        _ route: String,
        _ host: String,
        _ port: UInt16,
        options: RegisteredOptions? = nil,
        lifetime: UInt32? = nil,
        usesTLS: Bool = false,
        signature: UInt64 = 1,
        now: UInt64 = 0
    ) throws -> RegistrationOutcome {
        let endpoint = Endpoint(host: host, port: port, usesTLS: usesTLS)
        let registration = EndpointRegistration(
            endpoint: endpoint,
            options: options,
            lifetime: lifetime,
            signature: signature
        )
        guard let place = registry.makePlace(for: try RoutePattern(parsing: route)) else { return .refused }
        return registry.register(place, registration, now: now)
    }

    func drop(_ route: String, _ host: String, _ port: UInt16, now: UInt64? = nil) throws -> Bool {
        registry.unregister(try RoutePattern(parsing: route), host: host, port: port, now: now)
    }

    func keepEmptied(for time: UInt64) { registry.emptyPoolTimeout = time }

    func dropEmptied(now: UInt64) -> Int { registry.dropEmptied(now: now) }

    func again(_ route: String, _ signature: UInt64, now: UInt64) -> Bool {
        guard let place = registry.place(of: Array(route.utf8).span) else { return false }
        return registry.refresh(place, signature: signature, now: now)
    }

    func busBinding(of route: String) throws -> BusBinding? {
        registry.busBinding(of: try RoutePattern(parsing: route))
    }

    func prune(now: UInt64) -> Int { registry.prune(now: now) }

    func refreshAll(now: UInt64) { registry.refreshAll(now: now) }

    func removeRegistered() -> Int { registry.removeRegistered() }

    func setFixed(_ routes: [String]) throws { registry.setFixed(try FixedRoutes(definitions(routes))) }

    func setControlled(_ route: String, _ endpoints: [String] = [], sources: String? = nil) throws {
        var definition = try #require(try definitions([route]).first)
        definition.endpoints = try endpoints.map { try Endpoint(parsing: $0) }
        if let sources {
            definition.options = try RouteOptions([
                .init("route_policy_scope", "any"), .init("route_policy_sources", .string(sources)),
            ])
            definition.policy = try RoutePolicy(definition.options)
        }
        registry.setControlled(definition)
    }

    func removeControlled(_ route: String) throws { registry.removeControlled(try RoutePattern(parsing: route)) }

    func removeControlled(except kept: [String]) throws {
        registry.removeControlled(except: Set(try kept.map { try RoutePattern(parsing: $0) }))
    }

    func setDomain(_ name: String, enforces: Bool?) { registry.setDomain(name, enforces: enforces) }

    func awaitDomains(_ isAwaited: Bool) { registry.awaitDomains(isAwaited) }

    func changes() -> [RouteChange] { registry.takeChanges() }

    /// The endpoints of each route that has changed; `nil` where there is no route any more.
    func told() -> [String: [String]?] {
        Dictionary(changes().map { ($0.pattern.description, $0.route?.endpoints.map(\.address)) }) { $1 }
    }

    /// The sources of the one route that has changed; `nil` when none has.
    func sources() -> [String]? {
        changes().first?.route?.policy.sources.map(\.description)
    }
}
