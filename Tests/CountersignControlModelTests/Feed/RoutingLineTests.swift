import CountersignControlModel
import CountersignJSON
import CountersignPolicy
import Testing

@Suite struct RoutingLineTests {
    static let lines: [RoutingLine] = [
        .reset, .removed("a.example/x"), .sync(epoch: "e", after: 1, sequence: 2), .heartbeat,
        .domain(ControlledDomain(name: "a.example", enforcesPolicies: true)),
        .domain(ControlledDomain(name: "b.example", enforcesPolicies: false, isInternal: true)),
        .removedDomain("a.example"),
    ]

    @Test(arguments: lines)
    func `a line is read as it was written`(line: RoutingLine) throws {
        #expect(try RoutingLine.read(line.bytes.dropLast()) == line)
        #expect(line.bytes.last == UInt8(ascii: "\n") && line.bytes.count(where: { $0 == UInt8(ascii: "\n") }) == 1)
    }

    @Test func `a route is read as it was written`() throws {
        let destinations = [
            RouteDestination(
                guid: "d",
                host: "::1",
                port: 65535,
                usesTLS: true,
                usesHTTP2: true,
                certificateName: "x.internal",
                app: "a",
                space: "s",
                organization: "o"
            ),
            RouteDestination(guid: "e", host: "b.internal", port: 1),
        ]
        let options = try RouteOptions([
            .init("text", "a \"b\"\n"), .init("n", 3), .init("f", .number(0.5)), .init("t", true),
        ])
        let line = RoutingLine.route(ControlledRoute(pattern: "*.a.b/c", destinations: destinations, options: options))
        #expect(try RoutingLine.read(line.bytes.dropLast()) == line)
    }

    @Test func `a type of a later version is passed over`() throws {
        #expect(try RoutingLine.read(Array(#"{"type":"weather"}"#.utf8)) == nil)
    }

    @Test(arguments: [
        "", "{", "[]", "{}", #"{"type":"route"}"#, #"{"type":"sync","epoch":"e"}"#, #"{"type":"removed"}"#,
        #"{"type":"route","route":{"pattern":"a","destinations":[{"guid":"d","host":"h","port":0}]}}"#,
        #"{"type":"route","route":{"pattern":"a","options":{"x":[]}}}"#,
    ])
    func `what is no line is refused`(text: String) {
        #expect(throws: JSONError.self) { try RoutingLine.read(Array(text.utf8)) }
    }
}

extension RoutingLine {
    fileprivate static func read(_ bytes: ArraySlice<UInt8>) throws(JSONError) -> RoutingLine? {
        try read(Array(bytes))
    }
}
