import CountersignPolicy
import CountersignRouting
import Testing

/// What the options of a route say of its endpoints' turns.
@Suite struct RouteBalancingTests {
    private func read(_ elements: (String, RouteOptionValue)...) throws -> (RouteBalancing?, [String]) {
        var problems: [(option: String, message: String)] = []
        let options = try RouteOptions(elements.map { RouteOptions.Element($0.0, $0.1) })
        return (RouteBalancing(options, problems: &problems), problems.map(\.option))
    }

    @Test func `nothing said is nothing decided`() throws {
        #expect(try read(("mtls_allow_any", true)) == (nil, []))
    }

    @Test func `algorithms are told by their names`() throws {
        #expect(try read(("loadbalancing", "round-robin")) == (.roundRobin, []))
        #expect(try read(("loadbalancing", "least-connection")) == (.leastConnection, []))
        #expect(try read(("loadbalancing", "random")) == (nil, ["loadbalancing"]))
        #expect(try read(("loadbalancing", true)) == (nil, ["loadbalancing"]))
    }

    @Test func `a hash is of a header, whose case does not count`() throws {
        let (balancing, problems) = try read(("loadbalancing", "hash"), ("hash_header", "X-Resource-ID"))
        guard case .hash(let hash) = balancing else {
            Issue.record("no hash")
            return
        }
        #expect(hash.header == Array("x-resource-id".utf8) && hash.balance == nil && problems.isEmpty)
        #expect(try read(("loadbalancing", "hash")) == (nil, ["loadbalancing"]))
        #expect(try read(("loadbalancing", "hash"), ("hash_header", "two words")) == (nil, ["hash_header"]))
        #expect(try read(("loadbalancing", "hash"), ("hash_header", "")) == (nil, ["hash_header"]))
    }

    @Test(
        arguments: [
            (.number(1.25), 1.25, true), (.string("1.25"), 1.25, true), (.integer(2), 2, true),
            (.integer(0), nil, true), (.number(1.05), nil, false), (.string("much"), nil, false),
            (.boolean(true), nil, false),
        ] as [(RouteOptionValue, Double?, Bool)]
    )
    func `a balance is 0 or not near 1`(_ value: RouteOptionValue, _ balance: Double?, _ isGood: Bool) throws {
        let (read, problems) = try read(("loadbalancing", "hash"), ("hash_header", "X-Id"), ("hash_balance", value))
        guard case .hash(let hash) = read else {
            Issue.record("no hash")
            return
        }
        #expect(hash.balance == balance && problems == (isGood ? [] : ["hash_balance"]))
    }

    @Test func `what belongs to a hash is told of without one`() throws {
        #expect(try read(("hash_header", "X-Id")) == (nil, ["hash_header"]))
        #expect(try read(("loadbalancing", "round-robin"), ("hash_balance", 2)) == (.roundRobin, ["hash_balance"]))
    }
}
