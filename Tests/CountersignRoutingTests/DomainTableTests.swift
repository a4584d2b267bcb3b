import CountersignIdentity
import CountersignRouting
import CountersignTesting
import Testing

@Suite struct DomainTableTests {
    static let names = ["*.apps.internal", "partner.example", "*.w", "deep.a.apps.internal"]

    @Test(arguments: [
        ("a.apps.internal", "*.apps.internal"), ("partner.example", "partner.example"), ("x.w", "*.w"),
        ("deep.a.apps.internal", "deep.a.apps.internal"),
    ])
    func `a host belongs to the domain that matches it`(host: String, domain: String) throws {
        #expect(try domainTable(Self.names).find(host) == domain)
    }

    @Test(arguments: [
        "", ".", "apps.internal", ".apps.internal", "b.a.apps.internal", "xapps.internal", "a.apps.internal.",
        "x.partner.example",
        "artner.example", "w", "*.w2", "a.b.w", "10.0.0.1", "::1",
    ])
    func `another host belongs to none`(host: String) throws {
        #expect(try domainTable(Self.names).find(host) == nil)
    }

    @Test(arguments: [
        ["a.w", "a.w"], ["*.w", "*.w"], ["*.w", "a.w"], ["a.w", "*.w"], ["A.w.", "a.w"], ["*.a.w", "b.a.w"],
    ])
    func `domains that overlap are refused and both places are named`(names: [String]) {
        let error = #expect(throws: RoutingError(.overlappingDomains, "")) { try domainTable(["other.w2"] + names) }
        #expect(error?.message.contains("router.yml:2") == true && error?.message.contains("router.yml:3") == true)
    }

    @Test(arguments: [["*.w", "w"], ["*.w", "a.b.w"], ["*.w", "*.a.w"], ["a.w", "b.w"], []])
    func `domains that do not overlap are taken`(names: [String]) throws {
        #expect(try domainTable(names).domains.count == names.count)
    }

    @Test(arguments: 0..<60)
    func `table and patterns agree on every host and on every overlap`(round: UInt64) throws {
        var generator = SeededGenerator(seed: 500 + round)
        func name(_ limit: Int) -> String {
            (0..<Int.random(in: 1...limit, using: &generator)).map { _ in
                ["a", "b", "c"].randomElement(using: &generator)!
            }
            .joined(separator: ".")
        }
        let names = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
            (Bool.random(using: &generator) ? "*." : "") + name(3)
        }
        let patterns = try names.map { try HostPattern(parsing: $0) }
        let overlap = patterns.indices.contains { one in patterns[..<one].contains { $0.overlaps(patterns[one]) } }
        guard !overlap else {
            #expect(throws: RoutingError(.overlappingDomains, "")) { try domainTable(names) }
            return
        }
        let table = try domainTable(names)
        for _ in 0..<300 {
            let host = name(5)
            let expected = try patterns.first { $0.matches(try HostName(parsing: host)) }
            #expect(table.find(host) == expected?.description, "\(host)")
        }
    }
}
