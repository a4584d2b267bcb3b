import CountersignControlModel
import CountersignJSON
import CountersignPolicy
import Testing

@Suite struct ControlRecordTests {
    static let header = RecordHeader(guid: "g", createdAt: 1, updatedAt: 2, order: 3)
    static let metadata = RecordMetadata(labels: ["a": "b"], annotations: ["c": "d\n"])

    static func records() throws -> [ControlRecord] {
        [
            .domain(DomainRecord(header: header, name: "a.internal", isInternal: true, policyScope: nil)),
            .domain(
                DomainRecord(
                    header: header,
                    name: "b.internal",
                    isInternal: false,
                    policyScope: .space,
                    metadata: metadata
                )
            ),
            .route(
                RouteRecord(
                    header: header,
                    domain: "d",
                    host: "*",
                    path: "/x",
                    space: "s",
                    destinations: [RouteDestination(guid: "e", host: "10.0.0.1", port: 1, app: "a")],
                    options: try RouteOptions([.init("n", 1)]),
                    metadata: metadata
                )
            ),
            .policy(PolicyRecord(header: header, side: .caller, source: .any, route: "r", metadata: metadata)),
            .policy(
                PolicyRecord(
                    header: header,
                    side: .route,
                    source: try PolicySource(parsing: "spiffe://a/*"),
                    route: "r"
                )
            ),
            .name(NameRecord(header: header, kind: .organization, name: "o", parent: nil)),
            .name(NameRecord(header: header, kind: .app, name: "a / b", parent: "s")),
        ]
    }

    @Test func `a record is read as it was written`() throws {
        for record in try Self.records() {
            let text = Array(record.document.compact.utf8)
            #expect(try ControlRecord(kind: record.key.kind, reading: try JSONValue(parsing: text)) == record)
        }
    }

    @Test(arguments: ControlRecord.Kind.allCases)
    func `what is no record is refused`(kind: ControlRecord.Kind) {
        #expect(throws: JSONError.self) { try ControlRecord(kind: kind, reading: .object([])) }
        #expect(throws: JSONError.self) {
            try ControlRecord(kind: kind, reading: .object([.init("guid", .string("g"))]))
        }
    }

    @Test func `domain and policies are flattened into options`() throws {
        let route = RouteRecord(
            header: Self.header,
            domain: "d",
            host: "api",
            path: "/v1",
            options: try RouteOptions([.init("loadbalancing", "round-robin")])
        )
        let sources = try ["cf:app:a", "cf:org:o"].map { try PolicySource(parsing: $0) }
        func options(_ scope: RoutePolicyScope?, _ callers: [PolicySource]?) -> String {
            let domain = DomainRecord(header: Self.header, name: "x.internal", isInternal: false, policyScope: scope)
            let flat = ControlledRoute(route, on: domain, sources: sources, callerSources: callers)
            #expect(flat.pattern == "api.x.internal/v1")
            return flat.options.json
        }
        let own = #""loadbalancing":"round-robin""#
        #expect(options(nil, [.any]) == "{\(own)}")
        let policies = #""route_policy_scope":"org","route_policy_sources":"cf:app:a,cf:org:o""#
        #expect(options(.organization, nil) == "{\(own),\(policies)}")
        #expect(options(.organization, []) == "{\(own),\(policies),\"route_policy_caller_sources\":\"\"}")
        #expect(options(.organization, [.any]) == "{\(own),\(policies),\"route_policy_caller_sources\":\"cf:any\"}")
    }
}
