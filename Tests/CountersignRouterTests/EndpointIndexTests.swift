import CountersignRouting
import Testing

@testable import CountersignRouter

/// Endpoints are found by their zone and by the name that clients are told.
@Suite struct EndpointIndexTests {
    private let endpoints = [
        Endpoint(host: "10.0.0.1", port: 80, instance: EndpointInstance(id: "i1", zone: "z1")),
        Endpoint(host: "10.0.0.2", port: 80, instance: EndpointInstance(id: "i2", zone: "z2")),
        Endpoint(host: "10.0.0.3", port: 80, instance: EndpointInstance(id: "i3", zone: "z1")),
        Endpoint(host: "10.0.0.4", port: 80),
    ]

    @Test func `members of a zone are those that say so`() {
        var index = EndpointIndex(endpoints)
        let (first, other, none) = (index.members(of: "z1"), index.members(of: "z2"), index.members(of: "z3"))
        #expect(first == [0, 2] && other == [1] && none == [])
        let again = index.members(of: "z1")
        #expect(again == [0, 2])
    }

    @Test func `each endpoint is found by its own name and by no other`() {
        var index = EndpointIndex(endpoints)
        let found = endpoints.map { index.position(of: EndpointIndex.name(of: $0).span) }
        #expect(found == [0, 1, 2, 3])
        let strangers = ["i4", "I1", "", "10.0.0.4:80"].map { index.position(of: Array($0.utf8).span) }
        #expect(strangers == [nil, nil, nil, nil])
    }

    @Test func `a name depends on the address where there is no id`() {
        let names = [("10.0.0.4", 80), ("10.0.0.4", 81), ("10.0.0.5", 80)].map { host, port in
            EndpointIndex.name(of: Endpoint(host: host, port: UInt16(port)))
        }
        #expect(Set(names).count == 3)
        #expect(EndpointIndex.name(of: Endpoint(host: "10.0.0.4", port: 80)) == names[0])
    }

    @Test func `an endpoint without an id is named without telling its address`() {
        let name = String(decoding: EndpointIndex.name(of: Endpoint(host: "10.0.0.1", port: 8080)), as: UTF8.self)
        #expect(!name.contains("10.0") && !name.contains("8080") && !name.isEmpty)
    }

    @Test func `chance comes to all places about as often`() {
        var chance = ChanceGenerator()
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 { counts[chance.next(below: 10)] += 1 }
        #expect(counts.allSatisfy { (800...1200).contains($0) })
    }
}
