import CountersignAgent
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Synchronization
import Testing

@Suite struct AgentReloadTests {
    private static let service = ServiceSettings(
        name: "user-svc",
        reload: .command(["/bin/true"], timeout: .seconds(10))
    )

    private func told(_ world: AgentWorld) -> Int {
        world.told.withLock { told in
            defer { told = [] }
            return told.count
        }
    }

    @Test func `consumers are told of every new certificate`() throws {
        let world = try AgentWorld(services: [Self.service])
        world.settle()
        #expect(told(world) >= 1)
        world.run(seconds: 1000)
        #expect(told(world) == 0)
        world.run(seconds: 900)
        #expect(told(world) == 1)
        #expect(world.metric(#"agent_reloads_total{service="user-svc",result="failure"} 1"#) == false)
    }

    @Test func `a failure is counted, shown and tried again, and the certificate stays`() throws {
        let world = try AgentWorld(services: [Self.service])
        world.outcome.withLock { $0 = .failed(reason: "the command ended with status 3", output: "no such process") }
        world.settle()
        #expect(world.report().contains("user-svc: the command ended with status 3") && world.health.isReady)
        world.run(seconds: 30)
        #expect(told(world) >= 3)
        world.outcome.withLock { $0 = .done(output: "") }
        world.run(seconds: 300)
        #expect(!world.report().contains("status 3"))
        _ = told(world)
        world.run(seconds: 600)
        #expect(try told(world) == 0 && world.certificate() != nil)
    }

    @Test func `one telling at a time; what comes meanwhile is told after it`() throws {
        let world = try AgentWorld(services: [Self.service])
        world.settle()
        _ = told(world)
        for _ in 0..<3 {
            world.core.handle(.rotate(WantedRotation("user-svc")))
            while let work = world.worker.take(.authority) { world.core.handle(work()) }
            #expect(world.worker.count(.reload) == 1)
        }
        world.settle()
        #expect(told(world) == 2)
    }

    @Test func `a consumer that was not told before the agent died is told after`() throws {
        let first = try AgentWorld(services: [Self.service])
        first.core.handle(.clock)
        while let work = first.worker.take(.authority) { first.core.handle(work()) }
        let second = try AgentWorld(services: [Self.service], after: first)
        second.settle()
        #expect(told(second) >= 1)
        let third = try AgentWorld(services: [Self.service], after: second)
        third.settle()
        #expect(told(third) == 0)
    }

    @Test func `consumers are told of a new trust bundle`() throws {
        let world = try AgentWorld(services: [Self.service])
        world.settle()
        _ = told(world)
        let next = try FakeAuthority.makeAuthority(world.time)
        world.authority.change { $0.bundle += Array(next.trustBundlePEM.utf8) }
        world.run(seconds: 301)
        #expect(told(world) == 1)
    }
}
