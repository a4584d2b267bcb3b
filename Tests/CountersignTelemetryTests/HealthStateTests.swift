import CountersignTelemetry
import Testing

@Suite struct HealthStateTests {
    private static let now: Int64 = 1_774_001_700

    @Test func `is live but not ready until it has started`() throws {
        let health = Self.makeState()
        #expect(health.isLive && !health.isReady)
        #expect(health.liveReport().status == 200)
        #expect(health.readyReport().status == 503)
        #expect(try Self.json(health.readyReport())[text: "status"] == "starting")
        health.markStarted()
        #expect(health.isReady && health.readyReport().status == 200)
        #expect(try Self.json(health.readyReport())[text: "status"] == "ready")
    }

    @Test func `stays ready when degraded, and says why`() throws {
        let health = Self.makeState()
        health.markStarted()
        health.set("config", .degraded(reason: "line 3: unknown key \"lisen\"\nnearest: listen"))
        #expect(health.isReady && health.readyReport().status == 200)
        let json = try Self.json(health.readyReport())
        #expect(json[text: "status"] == "degraded")
        #expect(json["components"]?["config"]?[text: "status"] == "degraded")
        #expect(json["components"]?["config"]?[text: "reason"] == "line 3: unknown key \"lisen\"\nnearest: listen")
        health.set("config", .ok)
        #expect(try Self.json(health.readyReport())[text: "status"] == "ready")
        #expect(try Self.json(health.readyReport())["components"]?["config"]?["reason"] == nil)
    }

    @Test func `is not ready while a component has failed, and again when it recovers`() {
        let health = Self.makeState()
        health.markStarted()
        health.set("listener", .failed(reason: "address in use"))
        health.set("config", .ok)
        #expect(!health.isReady && health.isLive)
        #expect(health.readyReport().status == 503 && health.liveReport().status == 200)
        health.set("listener", .ok)
        #expect(health.isReady)
    }

    @Test func `is not ready while draining`() throws {
        let health = Self.makeState()
        health.markStarted()
        health.markDraining()
        #expect(!health.isReady && health.isLive)
        #expect(try Self.json(health.readyReport())[text: "status"] == "draining")
    }

    @Test func `is dead for good when told so`() throws {
        let health = Self.makeState()
        health.markStarted()
        health.markDead(reason: "loop 1 ended")
        #expect(!health.isLive && !health.isReady)
        #expect(health.liveReport().status == 503)
        #expect(
            try Self.json(health.liveReport())
                == .object(["status": .string("dead"), "reason": .string("loop 1 ended")])
        )
    }

    @Test func `tells the state of its identity`() throws {
        let health = Self.makeState()
        health.markStarted()
        health.setIdentity(Self.facts(notBefore: -100, notAfter: 200))
        let json = try Self.json(health.fullReport())
        #expect(json["live"] == .bool(true) && json["ready"] == .bool(true))
        #expect(
            json["identity"]
                == .object([
                    "enabled": .bool(true), "trust_domain": .string("example.org"),
                    "spiffe_id": .string("spiffe://example.org/router"), "cert_serial": .string("0a1b"),
                    "cert_valid": .bool(true), "remaining_secs": .number(200), "needs_renewal": .bool(false),
                ])
        )
        health.setIdentity(nil)
        #expect(health.identity == .disabled)
        #expect(try Self.json(health.fullReport())["identity"]?["enabled"] == .bool(false))
    }

    @Test(
        arguments: [
            (-100, 200, true, 200, false), (-200, 100, true, 100, true), (-300, 0, true, 0, true),
            (-300, -1, false, 0, true), (1, 300, false, 300, false),
        ] as [(Int64, Int64, Bool, Int64, Bool)]
    )
    func `derives validity and renewal from the time`(
        notBefore: Int64,
        notAfter: Int64,
        isValid: Bool,
        remaining: Int64,
        needsRenewal: Bool
    ) {
        let status = Self.facts(notBefore: notBefore, notAfter: notAfter).status(at: Self.now)
        #expect(status.isCertificateValid == isValid)
        #expect(status.remainingSeconds == remaining)
        #expect(status.needsRenewal == needsRenewal)
    }

    @Test func `a revoked certificate is not valid, however long it would last`() {
        var facts = Self.facts(notBefore: -10, notAfter: 10)
        #expect(facts.status(at: Self.now).isCertificateValid)
        facts.isRevoked = true
        #expect(!facts.status(at: Self.now).isCertificateValid)
        #expect(facts.status(at: Self.now).remainingSeconds == 10)
    }

    private static func makeState() -> HealthState {
        HealthState(clock: { Self.now * 1_000_000_000 })
    }

    private static func facts(notBefore: Int64, notAfter: Int64) -> IdentityFacts {
        IdentityFacts(
            trustDomain: "example.org",
            spiffeID: "spiffe://example.org/router",
            certificateSerial: "0a1b",
            notBefore: Self.now + notBefore,
            notAfter: Self.now + notAfter
        )
    }

    private static func json(_ report: HealthReport) throws -> StrictJSON {
        try StrictJSON(parsing: Array(report.body.dropLast()))
    }
}
