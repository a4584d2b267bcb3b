import CountersignAgent
import CountersignPolicy
import CountersignRouter
import CountersignTelemetry
import CountersignTransport
import Testing

@testable import CountersignRuntime

/// How many connections a forward proxy takes where descriptors are few.
@Suite struct EgressDescriptorsTests {
    private func snapshot(
        _ descriptors: Int,
        _ change: (inout EgressSettings) -> Void = { _ in }
    ) throws -> RouterSnapshot {
        var settings = EgressSettings()
        change(&settings)
        let metrics = EgressMetrics(registry: MetricsRegistry(), shards: 1)
        let callers = LocalCallers([], [:], ProcessInspector(), metrics)
        return try settings.makeSnapshot(callers: callers, metrics: metrics, descriptors: descriptors)
    }

    @Test(arguments: [1_024, 4_096, 20_000])
    func fewDescriptorsLeaveSomeForLookUps(descriptors: Int) throws {
        let few = try snapshot(descriptors)
        let plan = try #require(few.egress)
        #expect(few.limits.maximumConnections * 3 <= descriptors - 256)
        #expect(plan.connectionsPerUser == few.limits.maximumConnections / 4)
        let stated = try #require(try snapshot(descriptors) { $0.connectionsPerUser = 30_000 }.egress)
        #expect(stated.connectionsPerUser == plan.connectionsPerUser, "the file says more than there is")
        let less = try #require(try snapshot(descriptors) { $0.connectionsPerUser = 7 }.egress)
        #expect(less.connectionsPerUser == 7)
    }

    @Test func manyDescriptorsLeaveWhatTheFileSays() throws {
        let many = try snapshot(1_000_000) { $0.connectionsPerUser = 30_000 }
        #expect(many.limits.maximumConnections == 50_000 && many.egress?.connectionsPerUser == 30_000)
        #expect(try snapshot(1_000_000).egress?.connectionsPerUser == 12_500)
        #expect(try snapshot(10).limits.maximumConnections > 0)
    }
}
