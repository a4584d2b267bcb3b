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

    @Test(arguments: 0..<40)
    func `a table that was changed at random finds what one made anew finds`(round: UInt64) throws {
        var generator = SeededGenerator(seed: 500 + round)
        var table = RouteTable(seed: round)
        var present: [RoutePattern: Int] = [:]
        for _ in 0..<400 {
            let wildcard = Bool.random(using: &generator) ? "*." : ""
            let text = wildcard + host(1...3, &generator) + path(0...2, &generator)
            let definition = try definitions([text])[0]
            if Bool.random(using: &generator) {
                let position = table.set(Route(definition)) ?? -1
                #expect(position >= 0)
                let before = present.updateValue(position, forKey: definition.pattern)
                #expect(before == nil || before == position)
            } else {
                let removed = table.remove(definition.pattern)
                let before = present.removeValue(forKey: definition.pattern)
                #expect(removed == before)
            }
        }
        #expect(table.count == present.count)
        let reference = ReferenceMatcher(patterns: Array(present.keys))
        for _ in 0..<300 {
            let host = host(1...5, &generator)
            let path = path(0...4, &generator)
            #expect(table.find(host, path) == reference.find(host, path), "\(host)\(path)")
        }
    }

    @Test(arguments: 0..<20)
    func `a request that is given to a route is that route's to every backend`(round: UInt64) throws {
        var generator = SeededGenerator(seed: 900 + round)
        let definitions = try definitions(["a.example", "a.example/public", "a.example/admin", "a.example/admin/open"])
        let table = try RouteTable(routes: definitions, seed: round)
        let reference = ReferenceMatcher(patterns: definitions.map(\.pattern))
        var taken = 0
        for _ in 0..<2_000 {
            let path = disguise(&generator)
            guard let route = table.find("a.example", path) else { continue }
            taken += 1
            for backend in BackendPath.allCases {
                let read = backend.read(path)
                #expect(reference.find("a.example", read) == route, "\(path) is \(read) to \(backend)")
            }
        }
        #expect(taken > 100)
    }

    @Test func `a path with more readings than a request may cost is given to nobody`() throws {
        let table = try table(["a.example/public"])
        let path = "/public" + String(repeating: "/%2525252e;%252f/%5c//.", count: 300)
        #expect(table.find("a.example", path) == nil)
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

    private func disguise(_ generator: inout SeededGenerator) -> String {
        let parts = [
            "public", "admin", "open", "x", "..", ".", "%2e%2e", "%252e%252e", ".%2e", ";a", ";a=%2f..", "%2f", "%252f",
            "\\", "%5c", "%00", "%23", "%3f", "/", "%61dmin",
        ]
        return "/" + ["public", "admin", "x"].randomElement(using: &generator)!
            + (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                (Bool.random(using: &generator) ? "/" : "") + parts.randomElement(using: &generator)!
            }.joined()
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
