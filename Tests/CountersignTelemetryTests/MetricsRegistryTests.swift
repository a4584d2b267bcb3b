import CountersignTelemetry
import Testing

@Suite struct MetricsRegistryTests {
    @Test func `writes every kind in a form that a strict reader takes`() throws {
        let registry = MetricsRegistry(clock: { 100_000_000_000 })
        registry.register("b_total", help: "Second.", Counter()).add(41)
        registry.register("a_gauge", help: "First.", Gauge()).set(-1.5)
        registry.register("c_age_seconds", help: "Third.", MomentGauge(.secondsSince)).set(40_000_000_000)
        registry.register("d_days", help: "Fourth.", MomentGauge(.daysUntil)).set(100_000_000_000 - 43_200_000_000_000)
        let exposition = try Exposition(parsing: registry.render())
        #expect(exposition.families == ["a_gauge", "b_total", "c_age_seconds", "d_days"])
        #expect(exposition.kinds["b_total"] == "counter" && exposition.kinds["a_gauge"] == "gauge")
        #expect(exposition.helps["a_gauge"] == "First.")
        #expect(exposition.value("b_total") == 41)
        #expect(exposition.value("a_gauge") == -1.5)
        #expect(exposition.value("c_age_seconds") == 60)
        #expect(exposition.value("d_days") == -0.5)
    }

    @Test func `has no sample for what never happened`() throws {
        let registry = MetricsRegistry()
        let age = registry.register("crl_age_seconds", help: "Age.", MomentGauge(.secondsSince))
        registry.register("days", help: "Days.", MomentGauge(.daysUntil))
        var exposition = try Exposition(parsing: registry.render())
        #expect(exposition.families == ["crl_age_seconds", "days"])
        #expect(exposition.samples.isEmpty)
        age.set(1)
        exposition = try Exposition(parsing: registry.render())
        #expect(exposition.samples.count == 1)
        age.clear()
        exposition = try Exposition(parsing: registry.render())
        #expect(exposition.samples.isEmpty)
    }

    @Test func `escapes label values and help texts`() throws {
        let hostile = "quote\" backslash\\ line\nfeed } = , \u{0}"
        let registry = MetricsRegistry()
        let family = CounterFamily(labelNames: ["name"]) { Counter() }
        registry.register("x_total", help: "Line one\nline two \\ end", family)
        family.child(hostile).add(3)
        let exposition = try Exposition(parsing: registry.render())
        #expect(exposition.value("x_total", ["name": hostile]) == 3)
        #expect(exposition.helps["x_total"] == "Line one\\nline two \\\\ end")
        #expect(exposition.samples.count == 1)
    }

    @Test(arguments: [
        (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0, "0"), (3, "3"), (0.001, "0.001"),
        (1e300, "1e+300"),
    ])
    func `writes numbers as scrapers expect`(value: Double, text: String) {
        let registry = MetricsRegistry()
        registry.register("x", help: "X.", Gauge(value))
        #expect(String(decoding: registry.render(), as: UTF8.self) == "# HELP x X.\n# TYPE x gauge\nx \(text)\n")
    }

    @Test func `refuses a second metric of the same name`() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry()
            registry.register("x_total", help: "X.", Counter())
            registry.register("x_total", help: "X.", Counter())
        }
    }
}
