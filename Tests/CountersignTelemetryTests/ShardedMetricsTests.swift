import CountersignTelemetry
import Testing

@Suite struct ShardedMetricsTests {
    @Test func `loses nothing when every loop counts in its own shard`() async {
        let counter = ShardedCounter(shards: 4)
        let gauge = ShardedGauge(shards: 4)
        let errors = LabelledCounter<UpstreamErrorKind>(shards: 4)
        let histogram = ShardedHistogram(bounds: [10, 20], shards: 4)
        await withTaskGroup(of: Void.self) { group in
            for shard in 0..<4 {
                group.addTask {
                    for index in 0..<50_000 {
                        counter.add(shard: shard)
                        gauge.add(index.isMultiple(of: 2) ? 1 : -1, shard: shard)
                        errors.add(.closedEarly, 2, shard: shard)
                        histogram.observe(nanoseconds: Int64(index % 30), shard: shard)
                    }
                }
            }
        }
        #expect(counter.value == 200_000)
        #expect(gauge.value == 0)
        #expect(errors.value(.closedEarly) == 400_000)
        #expect(errors.value(.noEndpoint) == 0)
        #expect(histogram.count == 200_000)
    }

    @Test func `loses nothing when all threads share an unsharded counter or gauge`() async {
        let counter = Counter()
        let gauge = Gauge()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<50_000 {
                        counter.add()
                        gauge.add(1)
                        gauge.add(-0.5)
                    }
                }
            }
        }
        #expect(counter.value == 200_000)
        #expect(gauge.value == 100_000)
    }

    @Test func `never reads a sum that goes back while loops count`() async {
        let counter = ShardedCounter(shards: 2)
        await withTaskGroup(of: Void.self) { group in
            for shard in 0..<2 {
                group.addTask { for _ in 0..<100_000 { counter.add(shard: shard) } }
            }
            group.addTask {
                var last: UInt64 = 0
                for _ in 0..<1000 {
                    let value = counter.value
                    #expect(value >= last)
                    last = value
                }
            }
        }
        #expect(counter.value == 200_000)
    }

    @Test func `takes any shard index without touching memory that is not its own`() {
        let cells = ShardedCells(cells: 2, shards: 2)
        cells.add(1, to: 1, shard: 7)
        cells.add(1, to: 1, shard: -1)
        cells.add(1, to: 2, shard: 0)
        cells.add(1, to: -1, shard: 0)
        #expect(cells.sum(of: 1) == 1)
        #expect(cells.sum(of: 0) == 0)
        #expect(cells.sum(of: 2) == 0)
    }

    @Test func `sorts durations into cumulative buckets with inclusive bounds`() throws {
        let histogram = ShardedHistogram(bounds: [2_000_000, 1_000_000, 1_000_000], shards: 2)
        for (index, duration) in [-5, 0, 1_000_000, 1_000_001, 2_000_000, 2_000_001].enumerated() {
            histogram.observe(nanoseconds: Int64(duration), shard: index % 2)
        }
        let registry = MetricsRegistry()
        registry.register("x_seconds", help: "X.", histogram)
        let exposition = try Exposition(parsing: registry.render())
        #expect(exposition.kinds["x_seconds"] == "histogram")
        #expect(exposition.value("x_seconds_bucket", ["le": "0.001"]) == 3)
        #expect(exposition.value("x_seconds_bucket", ["le": "0.002"]) == 5)
        #expect(exposition.value("x_seconds_bucket", ["le": "+Inf"]) == 6)
        #expect(exposition.value("x_seconds_count") == 6)
        #expect(exposition.value("x_seconds_sum") == 0.006000002)
    }
}
