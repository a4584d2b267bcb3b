import CountersignAgent
import CountersignFiles
import CountersignPKI
import CountersignTelemetry
import Synchronization
import Testing

@Suite struct AgentJoiningTests {
    @Test func `joins with the token, keeps its own certificate to itself, and gets the services'`() throws {
        let world = try AgentWorld()
        world.settle()
        #expect(world.authority.newCalls().sorted() == ["bundle", "join", "sign user-svc"])
        #expect(try world.certificate() != nil && world.file(".agent/cert.pem") != nil)
        #expect(world.file("ca.pem") == world.authority.bundlePEM)
        #expect(world.health.isReady)
    }

    @Test func `a restarted agent uses what it has and shows no token`() throws {
        let first = try AgentWorld()
        first.settle()
        let serial = try first.certificate()?.serialNumber
        _ = first.authority.newCalls()
        let second = try AgentWorld(after: first)
        second.settle()
        #expect(second.authority.newCalls() == ["bundle"])
        #expect(try second.certificate()?.serialNumber == serial && second.health.isReady)
    }

    @Test func `renews its own certificate with the one that it has`() throws {
        let world = try AgentWorld(services: [])
        world.settle()
        let first = world.file(".agent/cert.pem")
        world.run(seconds: 1800)
        #expect(world.authority.calls.filter { $0 != "bundle" } == ["join", "renew"])
        #expect(world.authority.state.withLock { $0.serialsOfCaller.map { $0 != nil } } == [false, true])
        #expect(world.file(".agent/cert.pem") != first)
    }

    @Test func `without a token it waits for one, says so, and takes it when it comes`() throws {
        let world = try AgentWorld()
        world.token.withLock { $0 = nil }
        world.run(seconds: 100)
        #expect(world.authority.calls.isEmpty && !world.health.isReady)
        #expect(world.report().contains("has not joined yet: make a join token"))
        #expect(world.report().contains("run/join-token"))
        world.token.withLock { $0 = "join-me" }
        world.run(seconds: 31)
        #expect(try world.certificate() != nil && world.health.isReady)
    }

    @Test func `a refused token is shown once, another one is tried`() throws {
        let world = try AgentWorld()
        world.token.withLock { $0 = "used-before" }
        world.run(seconds: 600)
        #expect(world.authority.newCalls() == ["join"])
        #expect(world.report().contains("refuses the join token"))
        #expect(!world.report().contains("used-before"))
        world.authority.change { $0.token = "fresh" }
        world.token.withLock { $0 = "fresh" }
        world.run(seconds: 31)
        #expect(world.authority.newCalls().contains("join") && world.health.isReady)
    }

    @Test func `a token is not wasted while the authority is away`() throws {
        let world = try AgentWorld()
        world.authority.change { $0.failure = AuthorityCallError(.unreachable, "away") }
        world.run(seconds: 120)
        world.authority.change { $0.failure = nil }
        world.run(seconds: 31)
        #expect(world.health.isReady)
    }

    @Test func `when its own certificate has expired it says how to join again, and does`() throws {
        let world = try AgentWorld()
        world.settle()
        world.token.withLock { $0 = nil }
        world.authority.change { $0.failure = AuthorityCallError(.unreachable, "away") }
        world.run(seconds: 3700)
        world.authority.change { $0.failure = nil }
        world.run(seconds: 60)
        #expect(!world.health.isReady)
        #expect(world.report().contains("own certificate expired at 2026-01-31T13:00:00Z, and it has to join again"))
        world.authority.change { $0.token = "again" }
        world.token.withLock { $0 = "again" }
        world.run(seconds: 31)
        #expect(world.health.isReady && world.authority.calls.suffix(3).contains("sign user-svc"))
    }

    @Test(arguments: [AuthorityCallError.Code.unauthorized, .refused])
    func `an agent whose certificate is refused joins with a new token before it expires`(
        code: AuthorityCallError.Code
    ) throws {
        let world = try AgentWorld(services: [])
        world.settle()
        world.authority.change { $0.failure = AuthorityCallError(code, "revoked") }
        world.run(seconds: 1900)
        #expect(world.authority.newCalls().contains("renew"))
        world.authority.change { state in
            state.failure = nil
            state.token = "again"
        }
        world.token.withLock { $0 = "again" }
        world.run(seconds: 200)
        #expect(world.authority.newCalls().contains("join") && world.health.isReady)
    }

    @Test func `an agent whose certificate is not accepted for a service says so at once, and joins with a new token`()
        throws
    {
        let world = try AgentWorld()
        world.settle()
        world.token.withLock { $0 = nil }
        _ = world.authority.newCalls()
        world.authority.change { $0.failure = AuthorityCallError(.unauthorized, "the certificate is revoked") }
        world.core.handle(.rotate(WantedRotation("user-svc")))
        world.run(seconds: 5)
        #expect(world.authority.newCalls().contains("renew"))
        #expect(
            world.report().contains("agent is not accepted by the authority: the certificate is revoked"),
            "\(world.report())"
        )
        world.authority.change { state in
            state.failure = nil
            state.token = "again"
        }
        world.token.withLock { $0 = "again" }
        world.core.handle(.joinTicket)
        world.settle()
        #expect(world.authority.newCalls().contains("join"))
        world.run(seconds: 60)
        #expect(world.health.isReady && !world.report().contains("revoked"))
    }

    @Test func `a refusal of one service alone puts the agent's own certificate in no doubt`() throws {
        let world = try AgentWorld()
        world.settle()
        _ = world.authority.newCalls()
        world.authority.change { $0.failure = AuthorityCallError(.refused, "not this one") }
        world.core.handle(.rotate(WantedRotation("user-svc")))
        world.run(seconds: 5)
        #expect(Set(world.authority.newCalls()) == ["sign user-svc"])
    }

    @Test func `nothing is asked of an authority that cannot be recognized`() throws {
        let world = try AgentWorld { $0.pinnedAuthorities = nil }
        world.run(seconds: 60)
        #expect(world.authority.calls.isEmpty)
        #expect(world.report().contains("agent.ca_certs"))
    }

    @Test func `authorities behind the token are trusted, and nothing else that stands there`() throws {
        let world = try AgentWorld { $0.pinnedAuthorities = nil }
        world.token.withLock { $0 = "join-me\nthis is no certificate" }
        world.run(seconds: 60)
        #expect(world.authority.calls.isEmpty && world.report().contains("no authority's certificate"))
        #expect(!world.report().contains("join-me"))
        world.token.withLock { $0 = "join-me\r\n" + String(decoding: world.authority.bundlePEM, as: UTF8.self) }
        world.run(seconds: 31)
        #expect(world.health.isReady)
    }

    @Test func `a certificate that cannot be stored is used all the same, and stored when it can be`() throws {
        let world = try AgentWorld()
        let obstacle = "\(world.certificates)/.generations/.agent.1.new"
        try FileContent.write([], toNew: obstacle, mode: 0o600)
        world.settle()
        #expect(world.authority.newCalls().sorted() == ["bundle", "join", "sign user-svc"])
        #expect(try world.certificate() != nil && world.file(".agent/cert.pem") == nil)
        #expect(!world.health.isReady && world.report().contains("is not in place"))
        #expect(unlinkFile(obstacle))
        world.run(seconds: 31)
        #expect(world.file(".agent/cert.pem") != nil && world.health.isReady)
        #expect(world.authority.newCalls().filter { $0 == "join" }.isEmpty)
    }
}
