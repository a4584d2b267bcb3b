import CountersignRouting
import CountersignTesting
import Testing

@Suite struct RouteTablePropertyTests {
    @Test(arguments: 0..<40)
    func `a random table finds what the plain rules find`(round: UInt64) throws {
        var generator = SeededGenerator(seed: 100 + round)
        var routes: Set<String> = []
        for _ in 0..<Int.random(in: 1...60, using: &generator) {
            let wildcard = Bool.random(using: &generator) ? "*." : ""
            routes.insert(wildcard + host(1...4, &generator) + path(0...3, &generator))
        }
        let definitions = try definitions(routes.sorted())
        let table = try RouteTable(routes: definitions, seed: round)
        let reference = ReferenceMatcher(patterns: definitions.map(\.pattern))
        for _ in 0..<600 {
            let host = host(1...6, &generator)
            let query = Bool.random(using: &generator) ? "?q=/a/b" : ""
            let path = path(0...5, &generator) + (Bool.random(using: &generator) ? "/" : "") + query
            #expect(table.find(host, path) == reference.find(host, path), "\(host)\(path)")
        }
    }

    @Test func `a hundred thousand routes each find themselves`() throws {
        var routes: [String] = []
        for index in 0..<33_334 {
            routes += ["app-\(index).apps.example", "shared.example/app/\(index)", "*.org-\(index).example"]
        }
        let table = try table(routes)
        var found = 0
        for index in 0..<33_334 {
            if table.find("app-\(index).apps.example", "/x") == routes[3 * index] { found += 1 }
            if table.find("shared.example", "/app/\(index)/y") == routes[3 * index + 1] { found += 1 }
            if table.find("a.b.org-\(index).example", "/") == routes[3 * index + 2] { found += 1 }
        }
        #expect(found == routes.count)
        #expect(table.find("app-33334.apps.example", "/") == nil)
        #expect(table.find("shared.example", "/app/33334") == nil)
        #expect(table.find("org-1.example", "/") == nil)
    }

    private func host(_ labels: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: labels, using: &generator)).map { _ in
            ["a", "b", "aa", "abcdefgh"].randomElement(using: &generator)!
        }.joined(separator: ".")
    }

    private func path(_ segments: ClosedRange<Int>, _ generator: inout SeededGenerator) -> String {
        (0..<Int.random(in: segments, using: &generator)).map { _ in
            "/" + ["a", "b", "ab", "longsegment"].randomElement(using: &generator)!
        }.joined()
    }
}
