import CountersignControl
import CountersignControlModel
import CountersignPolicy
import Testing

@Suite struct ControlEngineTests {
    private let plane: TestPlane

    init() throws {
        plane = try TestPlane()
    }

    @Test func `a change that the store does not take is seen by nobody`() throws {
        let domain = try plane.domain()
        plane.store.isFailing = true
        #expect(throws: ControlError.unavailable("")) { try plane.route(domain, "api") }
        #expect(plane.engine.state.routes.isEmpty)
        #expect(plane.engine.state.version == 1)
        plane.store.isFailing = false
        _ = try plane.route(domain, "api")
        #expect(plane.engine.state.routes.count == 1)
    }

    @Test func `what the store has is there after a restart`() throws {
        let route = try plane.route(try plane.domain(), "api", path: "/v1")
        try plane.policy(route, "cf:app:a")
        let again = ControlState(try plane.store.load())
        #expect(again.route(matching: "api.x.internal/v1")?.header.guid == route)
        #expect(again.policies(of: route, .route).map(\.source.description) == ["cf:app:a"])
        #expect(again.version == 3)
    }

    @Test func `deleting a route takes its policies of both sides with it`() throws {
        let domain = try plane.domain()
        let (route, other) = (try plane.route(domain, "a"), try plane.route(domain, "b"))
        try plane.policy(route, "cf:app:a")
        try plane.policy(route, "cf:app:a", .caller)
        try plane.policy(other, "cf:app:a")
        try plane.wait { plane.engine.deleteRoute(route, by: plane.caller, completion: $0) }
        #expect(plane.engine.state.policies.values.map(\.route) == [other])
        #expect(plane.engine.state.route(matching: "a.x.internal") == nil)
    }

    @Test func `sources come in the order in which they were given`() throws {
        let route = try plane.route(try plane.domain(), "api")
        let sources = (0..<50).map { "cf:app:a\($0)" }
        for source in sources { try plane.policy(route, source) }
        let flat = plane.engine.state.controlledRoute("api.x.internal", isBilateral: false)
        #expect(flat?.options["route_policy_sources"] == .string(sources.joined(separator: ",")))
    }

    @Test func `any stands alone on the route's side and beside others on the callers'`() throws {
        let route = try plane.route(try plane.domain(), "api")
        try plane.policy(route, "cf:any")
        #expect(throws: ControlError.unprocessable("")) { try plane.policy(route, "cf:app:a") }
        try plane.policy(route, "cf:any", .caller)
        try plane.policy(route, "cf:app:a", .caller)
        #expect(throws: ControlError.notUnique("")) { try plane.policy(route, "cf:any", .caller) }
    }

    @Test func `history tells which patterns a version has changed`() throws {
        let domain = try plane.domain()
        let route = try plane.route(domain, "a")
        _ = try plane.route(domain, "b")
        let version = plane.engine.state.version
        let policy = try plane.policy(route, "cf:app:a")
        #expect(plane.engine.state.history.changes(after: version)?.patterns == ["a.x.internal"])
        try plane.deletePolicy(policy)
        #expect(plane.engine.state.history.changes(after: version)?.patterns == ["a.x.internal"])
        #expect(plane.engine.state.history.changes(after: 0)?.patterns == ["a.x.internal", "b.x.internal"])
        #expect(plane.engine.state.history.changes(after: plane.engine.state.version)?.patterns == [])
        #expect(plane.engine.state.history.changes(after: 0)?.domains == ["x.internal"])
        #expect(plane.engine.state.history.changes(after: version)?.domains == [])
        // Another process knows nothing of what came before it.
        let again = ControlState(try plane.store.load())
        #expect(again.history.changes(after: version)?.patterns == nil)
        #expect(again.history.changes(after: again.version)?.patterns == [])
    }

    @Test func `a name that changes keeps its creation, and the former one is free`() throws {
        func put(_ guid: String, _ name: String) throws -> Bool {
            try plane.wait {
                plane.engine.put(name: guid, .organization, name, in: nil, by: plane.caller, completion: $0)
            }.isNew
        }
        #expect(try put("o", "shop"))
        #expect(try !put("o", "store"))
        #expect(try put("p", "shop"))
        #expect(throws: ControlError.notUnique("")) { try put("q", "store") }
        let version = plane.engine.state.version
        #expect(try !put("o", "store"))
        #expect(plane.engine.state.version == version)
    }

    @Test func `domains that route nowhere are told of as they are`() throws {
        let open = try plane.domain("open.internal", nil)
        let route = try plane.route(open, "api")
        #expect(throws: ControlError.unprocessable("")) { try plane.policy(route, "cf:any") }
        #expect(plane.engine.state.controlledRoute("api.open.internal", isBilateral: true)?.options == .empty)
    }
}
