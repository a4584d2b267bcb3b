import CountersignPolicy
import CountersignRouting
import Testing

@Suite struct BoundRoutesTests {
    private let registry = TestRegistry()

    private static func open() throws -> RegisteredOptions {
        var ignored: [PolicyError] = []
        let options = try RouteOptions([.init("mtls_allow_any", true)])
        return RegisteredOptions(source: [], options: options, ignored: &ignored)
    }

    private func add(_ route: String) throws -> RegistrationOutcome {
        try registry.add(route, "10.0.0.9", 80, options: Self.open())
    }

    /// The sources of each route that has changed.
    private func sources() -> [String: [String]?] {
        Dictionary(
            registry.changes().map { ($0.pattern.description, $0.route?.policy.sources.map(\.description)) }
        ) { $1 }
    }

    @Test(arguments: ["a.example/x", "a.example/x/y", "a.example"])
    func `a path below a route of the control plane has its policy, others their own`(route: String) throws {
        try registry.setControlled(
            route == "a.example" ? "*.example" : "a.example",
            ["10.0.0.1:80"],
            sources: "cf:app:a"
        )
        _ = registry.changes()
        #expect(try add(route) == .bound)
        #expect(try add("b.other") == .added)
        #expect(sources() == [route: ["cf:app:a"], "b.other": ["cf:any"]])
    }

    @Test func `a change of the policy reaches what is bound by it, and its end sets it free`() throws {
        #expect(try add("a.example/x") == .added)
        #expect(sources() == ["a.example/x": ["cf:any"]])
        try registry.setControlled("a.example", ["10.0.0.1:80"], sources: "cf:app:a")
        #expect(sources()["a.example/x"] == ["cf:app:a"])
        try registry.setControlled("a.example", ["10.0.0.1:80"], sources: "cf:app:b")
        #expect(sources()["a.example/x"] == ["cf:app:b"])
        try registry.setControlled("b.example", ["10.0.0.1:80"], sources: "cf:app:b")
        #expect(sources()["a.example/x"] == nil)
        try registry.removeControlled("a.example")
        #expect(sources()["a.example/x"] == ["cf:any"])
    }

    @Test func `nearest route of the control plane decides`() throws {
        try registry.setControlled("a.example", ["10.0.0.1:80"], sources: "cf:app:a")
        #expect(try add("a.example/x/y") == .bound)
        _ = registry.changes()
        try registry.setControlled("a.example/x", ["10.0.0.1:80"], sources: "cf:app:x")
        #expect(sources()["a.example/x/y"] == ["cf:app:x"])
        try registry.removeControlled("a.example/x")
        #expect(sources()["a.example/x/y"] == ["cf:app:a"])
    }

    @Test(arguments: ["a.apps.example", "a.b.apps.example/x", "apps.example", "*.apps.example", "*.example"])
    func `nobody may call what is registered on a domain that enforces policies`(route: String) throws {
        registry.setDomain("apps.example", enforces: true)
        #expect(try add(route) == .bound)
        #expect(sources() == [route: []])
        registry.setDomain("apps.example", enforces: nil)
        #expect(sources() == [route: ["cf:any"]])
    }

    @Test(arguments: ["a.xapps.example", "a.other", "a.free.apps.example", "example", "*.other"])
    func `a host of no such domain is free`(route: String) throws {
        registry.setDomain("apps.example", enforces: true)
        registry.setDomain("free.apps.example", enforces: false)
        #expect(try add(route) == .added)
        #expect(sources() == [route: ["cf:any"]])
    }

    @Test func `nobody may call anything before the control plane was heard`() throws {
        registry.awaitDomains(true)
        #expect(try add("a.example") == .bound)
        #expect(sources() == ["a.example": []])
        registry.awaitDomains(false)
        #expect(sources() == ["a.example": ["cf:any"]])
    }

    @Test func `instances that a route of the control plane waits for are not bound`() throws {
        registry.setDomain("example", enforces: true)
        try registry.setControlled("a.example", sources: "cf:app:a")
        #expect(try add("a.example") == .added)
        #expect(sources() == ["a.example": ["cf:app:a"]])
    }

    @Test func `a host of the file takes nothing from others until the file lets go of it`() throws {
        try registry.setFixed(["a.example/v1"])
        _ = registry.changes()
        #expect(try add("a.example/v1/x") == .ownedHost)
        #expect(try add("a.example") == .ownedHost)
        #expect(try add("b.example") == .added)
        #expect(registry.told() == ["b.example": ["10.0.0.9:80"]])
        try registry.setFixed([])
        #expect(registry.told()["a.example"] == ["10.0.0.9:80"])
        try registry.setFixed(["a.example/v2"])
        #expect(registry.told()["a.example"] == .some(nil))
    }

    @Test func `a wildcard of the file without a policy leaves hosts below it`() throws {
        try registry.setFixed(["*.example"])
        _ = registry.changes()
        #expect(try add("a.example") == .added)
        #expect(try add("*.example/x") == .ownedHost)
    }

    @Test func `who asks is told by what a route of the bus is bound`() throws {
        try registry.setControlled("a.example", ["10.0.0.1:80"], sources: "cf:app:a")
        _ = try add("a.example/x")
        _ = try add("b.other")
        _ = registry.changes()
        #expect(try registry.busBinding(of: "b.other") == .free)
        let owner = try RoutePattern(parsing: "a.example")
        #expect(try registry.busBinding(of: "a.example/x") == .route(owner))
        #expect(try registry.busBinding(of: "a.example") == nil)
        #expect(try registry.busBinding(of: "c.other") == nil)
    }

    @Test(arguments: [
        ("a.example", ["a.example/x"]), ("a.example/x/y", []),
        ("*.a.example", ["b.a.example", "*.b.a.example", "c.b.a.example/x", "*.a.example/z"]),
        ("*.example", ["a.example/x", "b.a.example", "*.b.a.example", "c.b.a.example/x", "*.a.example/z"]),
        ("b.a.example", ["b.a.example"]), ("*.b.a.example", ["c.b.a.example/x"]), ("*.other", []),
    ])
    func `an owner that comes binds what lies below it and nothing else, and frees it when it goes`(
        owner: String,
        bound: [String]
    ) throws {
        let routes = [
            "a.example/x", "b.a.example", "*.b.a.example", "c.b.a.example/x", "*.a.example/z", "xa.example.org",
            "example",
        ]
        for route in routes { #expect(try add(route) == .added) }
        _ = registry.changes()
        try registry.setControlled(owner, ["10.0.0.1:80"], sources: "cf:app:a")
        let after = sources().filter { $0.key != owner }
        #expect(Set(after.keys) == Set(bound.filter { $0 != owner }))
        #expect(after.values.allSatisfy { $0 == ["cf:app:a"] })
        try registry.removeControlled(owner)
        let free = sources().filter { $0.key != owner }
        #expect(Set(free.keys) == Set(after.keys) && free.values.allSatisfy { $0 == ["cf:any"] })
    }

    @Test func `what the file leaves as it was binds nothing anew, and what it changes does`() throws {
        try registry.setFixed(["a.example/v1", "b.example"])
        #expect(try add("a.example") == .ownedHost)
        #expect(try add("c.example") == .added)
        _ = registry.changes()
        try registry.setFixed(["b.example", "c.example/v1"])
        let told = registry.told()
        #expect(told["a.example"] == ["10.0.0.9:80"] && told["c.example"] == .some(nil))
    }
}
