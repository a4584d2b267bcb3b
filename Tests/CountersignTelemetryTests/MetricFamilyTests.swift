import CountersignTelemetry
import Testing

@Suite struct MetricFamilyTests {
    @Test func `hands out one child for the same labels and another for different ones`() {
        let family = CounterFamily(labelNames: ["a", "b"]) { Counter() }
        #expect(family.child("1", "2") === family.child("1", "2"))
        #expect(family.child("1", "2") !== family.child("12", ""))
    }

    @Test func `stops growing at its limit and counts the rest as other`() throws {
        let family = CounterFamily(labelNames: ["peer"], limit: 3) { Counter() }
        for peer in 0..<1000 {
            family.child("peer-\(peer)").add()
        }
        family.child("peer-1").add()
        let registry = MetricsRegistry()
        registry.register("x_total", help: "X.", family)
        let exposition = try Exposition(parsing: registry.render())
        #expect(exposition.samples.count == 4)
        #expect(exposition.value("x_total", ["peer": "peer-1"]) == 2)
        #expect(exposition.value("x_total", ["peer": "other"]) == 997)
    }

    @Test func `has no series for other while there is room`() throws {
        let family = CounterFamily(labelNames: ["peer"], limit: 3) { Counter() }
        for peer in 0..<3 {
            family.child("peer-\(peer)").add()
        }
        let registry = MetricsRegistry()
        registry.register("x_total", help: "X.", family)
        #expect(try Exposition(parsing: registry.render()).value("x_total", ["peer": "other"]) == nil)
    }

    @Test func `forgets a child that is removed and has room again`() throws {
        let family = GaugeFamily(labelNames: ["service"], limit: 1) { Gauge() }
        family.child("old").set(1)
        family.remove("old")
        family.child("new").set(2)
        let registry = MetricsRegistry()
        registry.register("x", help: "X.", family)
        #expect(try Exposition(parsing: registry.render()).samples.map(\.labels) == [["service": "new"]])
    }
}
