import CountersignIdentity
import CountersignPolicy
import CountersignTesting
import Testing

/// What holds for every policy and caller, tried on many random ones from a small universe so that they often meet.
@Suite struct AuthorizerPropertyTests {
    static let names = ["a", "b", "c", "d76446a1-f429-4444-8797-be2f78b75b08"]
    static let paths = ["x", "y", "ns/p/sa/w", "ns/q/sa/w", "ns/p/sa/v"]
    static let patterns = ["x", "*", "ns/*/sa/w", "ns/p/*", "ns/p/sa/w", "*/p/sa/*", "ns/*/*"]

    static func element<Element>(_ elements: [Element], _ generator: inout SeededGenerator) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &generator)]
    }

    static func optional(_ generator: inout SeededGenerator) -> String? {
        Bool.random(using: &generator) ? element(names, &generator) : nil
    }

    static func caller(_ generator: inout SeededGenerator) -> Caller {
        var uris: [String] = []
        if Bool.random(using: &generator) { uris.append("spiffe://td/\(element(paths, &generator))") }
        if Int.random(in: 0..<8, using: &generator) == 0 { uris.append("spiffe://td/z") }
        let extra = Int.random(in: 0..<8, using: &generator) == 0 ? ["app:\(element(names, &generator))"] : []
        return Fixture.caller(
            app: optional(&generator),
            space: optional(&generator),
            organization: optional(&generator),
            spiffe: uris,
            extraUnits: extra
        )
    }

    static func source(_ generator: inout SeededGenerator) throws -> PolicySource {
        let guid = try Fixture.guid(element(names, &generator))
        switch Int.random(in: 0..<9, using: &generator) {
        case 0..<2: return .app(guid)
        case 2..<4: return .space(guid)
        case 4..<6: return .organization(guid)
        case 6: return .any
        default: return .spiffe(try SPIFFEIDPattern(parsing: "spiffe://td/\(element(patterns, &generator))"))
        }
    }

    static func sources(_ generator: inout SeededGenerator) throws -> [PolicySource] {
        try (0..<Int.random(in: 0..<5, using: &generator)).map { _ in try source(&generator) }
    }

    static func form(_ generator: inout SeededGenerator) -> RoutePolicyForm {
        Bool.random(using: &generator) ? .flatOptions : .routePolicies
    }

    /// Says by the definition of each source, one by one, whether it names the caller.
    static func names(_ source: PolicySource, _ caller: CallerIdentity) -> Bool {
        switch source {
        case .app(let guid): caller.cloudFoundry?.app == guid
        case .space(let guid): caller.cloudFoundry?.space == guid
        case .organization(let guid): caller.cloudFoundry?.organization == guid
        case .any: caller.cloudFoundry != nil
        case .spiffe(let pattern): caller.spiffeID.map { pattern.matches($0) } ?? false
        }
    }

    @Test func `a decision agrees with looking at the sources one by one`() throws {
        var generator = SeededGenerator(seed: 21)
        var permits = 0
        for _ in 0..<20_000 {
            let caller = Self.caller(&generator)
            let identity = try #require(caller.identity)
            let sources = try Self.sources(&generator)
            let route = RoutePolicy(form: Self.form(&generator), scope: .any, sources: sources)
            let permit = Fixture.decide(caller, route).permit
            #expect((permit != nil) == sources.contains { Self.names($0, identity) })
            guard let permit else { continue }
            permits += 1
            guard case .source(let source, _) = permit.rule else {
                Issue.record("a route's policy permitted by \(permit.rule)")
                continue
            }
            #expect(sources.contains(source) && Self.names(source, identity))
        }
        #expect(permits > 1_000)
    }

    @Test func `adding a source never turns a permit into a denial, removing all denies`() throws {
        var generator = SeededGenerator(seed: 22)
        var permits = 0
        for _ in 0..<10_000 {
            let caller = Self.caller(&generator)
            let form = Self.form(&generator)
            let sources = try Self.sources(&generator)
            let more = sources + [try Self.source(&generator)]
            let before = Fixture.decide(caller, RoutePolicy(form: form, scope: .any, sources: sources))
            let after = Fixture.decide(caller, RoutePolicy(form: form, scope: .any, sources: more))
            if before.permit != nil {
                permits += 1
                #expect(after.permit != nil)
            }
            #expect(Fixture.decide(caller, RoutePolicy(form: form, scope: .any, sources: [])).permit == nil)
        }
        #expect(permits > 500)
    }

    @Test func `no rule permits an ambiguous identity`() throws {
        var generator = SeededGenerator(seed: 23)
        var seen = 0
        for _ in 0..<20_000 {
            let caller = Self.caller(&generator)
            guard caller.identity?.ambiguity != nil else { continue }
            seen += 1
            let route = RoutePolicy(form: Self.form(&generator), scope: .any, sources: try Self.sources(&generator))
            #expect(Fixture.decide(caller, route).denial?.reason == .ambiguousIdentity)
        }
        #expect(seen > 1_000)
    }

    @Test func `a domain's restriction only ever narrows`() throws {
        var generator = SeededGenerator(seed: 24)
        for _ in 0..<5_000 {
            let caller = Self.caller(&generator)
            let route = RoutePolicy(form: Self.form(&generator), scope: .any, sources: try Self.sources(&generator))
            let set: Set = [try Fixture.guid(Self.element(Self.names, &generator))]
            let restriction = Bool.random(using: &generator) ? CallerRestriction.organizations(set) : .spaces(set)
            let restricted = Fixture.decide(caller, .mutualTLS(.cfIdentity(restriction)), route)
            if restricted.permit != nil { #expect(Fixture.decide(caller, route).permit != nil) }
        }
    }

    @Test func `ten sources and ten thousand decide alike`() throws {
        var generator = SeededGenerator(seed: 25)
        // None of the padding names anybody in the universe.
        let padding = try (0..<10_000).map { number in
            number.isMultiple(of: 3)
                ? PolicySource.spiffe(try SPIFFEIDPattern(parsing: "spiffe://td/pad/\(number)/*"))
                : .app(try Fixture.guid("pad-\(number)"))
        }
        for _ in 0..<10 {
            let few = try (0..<10).map { _ in try Self.source(&generator) }.filter { $0 != .any }
            let small = RoutePolicy(form: .routePolicies, scope: .any, sources: few)
            let large = RoutePolicy(form: .routePolicies, scope: .any, sources: padding + few)
            for _ in 0..<200 {
                let caller = Self.caller(&generator)
                let left = Fixture.decide(caller, small)
                let right = Fixture.decide(caller, large)
                #expect(left.permit == right.permit)
                #expect(left.outcome == right.outcome)
            }
        }
    }
}
