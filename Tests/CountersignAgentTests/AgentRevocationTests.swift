import CountersignAgent
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Synchronization
import Testing

@Suite struct AgentRevocationTests {
    /// Reasons after which a certificate is never good again.
    private static let final = RevocationReason.allCases.filter { $0 != .certificateHold && $0 != .removeFromCRL }

    private func settled(after previous: AgentWorld? = nil) throws -> AgentWorld {
        let services = [ServiceSettings(name: "user-svc"), ServiceSettings(name: "other")]
        let world = try AgentWorld(services: services, after: previous)
        world.settle()
        _ = world.authority.newCalls()
        return world
    }

    private func entry(
        _ world: AgentWorld,
        _ reason: RevocationReason,
        service: String = "user-svc"
    ) throws -> RevokedSerial {
        let leaf = try #require(try world.certificate(service))
        let issuer = leaf.extensions.authorityKeyIdentifier?.keyIdentifier ?? []
        return RevokedSerial(serial: leaf.serialNumber, issuerKeyID: issuer, reason: reason)
    }

    private func key(_ world: AgentWorld) throws -> [UInt8] {
        try PrivateKey(pem: #require(world.file("user-svc/key.pem"))).publicKey.derEncoded
    }

    /// The serial number of the agent's own certificate.
    private func own(_ world: AgentWorld) throws -> String {
        let chain = try CertificateChain(pem: #require(world.file(".agent/cert.pem")))
        return SerialNumber(chain.certificates[0].serialNumber).hexadecimal
    }

    /// Whether the report says that this many certificates are valid, the agent's own among them.
    private func valid(_ world: AgentWorld) -> Int {
        world.report().split(separator: "\"cert_valid\":true", omittingEmptySubsequences: false).count - 1
    }

    @Test(arguments: final)
    func `a revoked certificate is replaced at once, by one for another key`(reason: RevocationReason) throws {
        let world = try settled()
        let (serial, key) = (try world.certificate()?.serialNumber, try key(world))
        let other = try world.certificate("other")?.serialNumber
        world.core.handle(.revocations(.change(try entry(world, reason))))
        #expect(!world.health.isReady && valid(world) == 2)
        #expect(world.report().contains("user-svc is revoked (\(reason.name))"), "\(world.report())")
        world.settle()
        #expect(try world.certificate()?.serialNumber != serial && self.key(world) != key)
        #expect(world.health.isReady && valid(world) == 3)
        #expect(
            try world.authority.newCalls() == ["sign user-svc"] && world.certificate("other")?.serialNumber == other
        )
    }

    @Test func `a revocation of somebody else's certificate changes nothing`() throws {
        let world = try settled()
        let mine = try entry(world, .keyCompromise)
        let leaf = try #require(try world.certificate())
        let strangers = [
            RevokedSerial(serial: [1, 2, 3], issuerKeyID: [], reason: .keyCompromise),
            RevokedSerial(serial: leaf.serialNumber, issuerKeyID: [9, 9], reason: .keyCompromise),
            RevokedSerial(serial: leaf.serialNumber.dropLast() + [0], issuerKeyID: [], reason: .certificateHold),
        ].filter { $0.serial != mine.serial || $0.issuerKeyID != mine.issuerKeyID }
        for stranger in strangers { world.core.handle(.revocations(.change(stranger))) }
        world.core.handle(.revocations(.all(strangers)))
        world.settle()
        #expect(world.authority.newCalls().isEmpty && world.health.isReady && valid(world) == 3)
        #expect(try world.certificate()?.serialNumber == leaf.serialNumber)
    }

    @Test func `a refused replacement keeps the service red, and is tried again`() throws {
        let world = try settled()
        world.authority.change { $0.failure = AuthorityCallError(.refused, "user-svc is not registered") }
        world.core.handle(.revocations(.change(try entry(world, .cessationOfOperation))))
        world.settle()
        world.run(seconds: 60)
        #expect(world.authority.newCalls().filter { $0 == "sign user-svc" }.count >= 3)
        #expect(!world.health.isReady && valid(world) == 2)
        let text = "user-svc is revoked (cessationOfOperation): user-svc is not registered"
        #expect(world.report().contains(text), "\(world.report())")
        let key = try key(world)
        world.authority.change { $0.failure = nil }
        world.run(seconds: 300)
        #expect(try world.health.isReady && valid(world) == 3 && self.key(world) != key)
    }

    @Test func `a held certificate is red and not renewed, a released one is good again`() throws {
        let world = try settled()
        let serial = try world.certificate()?.serialNumber
        world.core.handle(.revocations(.change(try entry(world, .certificateHold))))
        world.run(seconds: 2000)
        #expect(!world.authority.newCalls().contains("sign user-svc"))
        #expect(!world.health.isReady && world.report().contains("user-svc is on hold") && valid(world) == 2)
        world.core.handle(.rotate(WantedRotation("other")))
        world.settle()
        world.core.handle(.revocations(.change(try entry(world, .removeFromCRL))))
        #expect(world.health.isReady && valid(world) == 3)
        // Its time to be renewed has come meanwhile.
        world.settle()
        #expect(try world.certificate()?.serialNumber != serial && world.health.isReady)
    }

    @Test func `nothing is renewed for a hold that comes and goes`() throws {
        let world = try settled()
        let serial = try world.certificate()?.serialNumber
        world.core.handle(.revocations(.change(try entry(world, .certificateHold))))
        world.core.handle(.revocations(.change(try entry(world, .removeFromCRL))))
        world.settle()
        #expect(try world.certificate()?.serialNumber == serial && world.authority.newCalls().isEmpty)
        #expect(world.health.isReady)
    }

    @Test func `a rotation that is wanted during a hold is made after it`() throws {
        let world = try settled()
        let serial = try world.certificate()?.serialNumber
        world.core.handle(.revocations(.change(try entry(world, .certificateHold))))
        world.core.handle(.rotate(WantedRotation("user-svc")))
        world.settle()
        #expect(try world.certificate()?.serialNumber == serial)
        world.core.handle(.revocations(.change(try entry(world, .removeFromCRL))))
        world.settle()
        #expect(try world.certificate()?.serialNumber != serial)
    }

    @Test func `a hold ends with the certificate`() throws {
        let world = try settled()
        let serial = try world.certificate()?.serialNumber
        world.core.handle(.revocations(.change(try entry(world, .certificateHold))))
        world.run(seconds: 3500)
        #expect(try world.certificate()?.serialNumber == serial && !world.health.isReady)
        world.run(seconds: 200)
        #expect(try world.certificate()?.serialNumber != serial && world.health.isReady)
    }

    @Test func `a held certificate that is revoked for good is replaced`() throws {
        let world = try settled()
        let (serial, key) = (try world.certificate()?.serialNumber, try key(world))
        world.core.handle(.revocations(.change(try entry(world, .certificateHold))))
        let entry = try entry(world, .keyCompromise)
        world.core.handle(.revocations(.change(entry)))
        world.settle()
        #expect(try world.certificate()?.serialNumber != serial && self.key(world) != key && world.health.isReady)
    }

    @Test func `a restarted agent learns from the snapshot what was revoked while it was away`() throws {
        let first = try settled()
        let serial = try first.certificate()?.serialNumber
        let revoked = try entry(first, .keyCompromise)
        let held = try entry(first, .certificateHold, service: "other")
        let second = try settled(after: first)
        second.core.handle(.revocations(.all([revoked, held])))
        #expect(!second.health.isReady && valid(second) == 1)
        second.settle()
        #expect(try second.certificate()?.serialNumber != serial && valid(second) == 2)
        #expect(second.report().contains("other is on hold"))
        // The release was told while nobody listened.
        second.core.handle(.revocations(.all([revoked])))
        #expect(second.health.isReady && valid(second) == 3)
    }

    @Test func `an answer that was under way for the revoked key is not put in place`() throws {
        let world = try settled()
        let key = try key(world)
        world.core.handle(.rotate(WantedRotation("user-svc")))
        let work = try #require(world.worker.take(.authority))
        let event = work()
        world.core.handle(.revocations(.change(try entry(world, .keyCompromise))))
        world.core.handle(event)
        #expect(try self.key(world) == key && !world.health.isReady)
        world.settle()
        #expect(try self.key(world) != key && world.health.isReady)
    }

    @Test func `a certificate that was revoked while it was under way is not put in place`() throws {
        let world = try settled()
        world.core.handle(.rotate(WantedRotation("user-svc")))
        let work = try #require(world.worker.take(.authority))
        let event = work()
        guard case .answered(_, .success(let answer)) = event else {
            Issue.record("there is no answer")
            return
        }
        let serial = answer.identity.leaf.serialNumber
        let entry = RevokedSerial(serial: serial, issuerKeyID: [], reason: .superseded)
        world.core.handle(.revocations(.change(entry)))
        world.core.handle(event)
        #expect(try world.certificate()?.serialNumber != serial)
        let key = try key(world)
        world.settle()
        #expect(try world.certificate()?.serialNumber != serial && self.key(world) != key && world.health.isReady)
    }

    @Test func `an answer that comes during a hold waits for its end`() throws {
        let world = try settled()
        let serial = try world.certificate()?.serialNumber
        world.core.handle(.rotate(WantedRotation("user-svc")))
        let work = try #require(world.worker.take(.authority))
        let event = work()
        world.core.handle(.revocations(.change(try entry(world, .certificateHold))))
        world.core.handle(event)
        world.run(seconds: 30)
        #expect(try world.certificate()?.serialNumber == serial && !world.health.isReady)
        world.core.handle(.revocations(.change(try entry(world, .removeFromCRL))))
        world.run(seconds: 30)
        #expect(try world.certificate()?.serialNumber != serial && world.health.isReady)
    }

    @Test func `an agent that is not accepted where it listens asks, and is red until it is accepted`() throws {
        let world = try settled()
        world.token.withLock { $0 = nil }
        let refusal = AuthorityCallError(.unauthorized, "the certificate is revoked")
        world.authority.change { $0.failure = refusal }
        world.core.handle(.unaccepted(refusal, serial: try own(world)))
        world.run(seconds: 5)
        #expect(world.authority.newCalls().contains("renew") && !world.health.isReady && valid(world) == 2)
        let text = "agent is not accepted by the authority: the certificate is revoked"
        #expect(world.report().contains(text), "\(world.report())")
        world.authority.change { $0.failure = AuthorityCallError(.unreachable, "away") }
        world.run(seconds: 60)
        #expect(!world.health.isReady)
        world.authority.change { $0.failure = nil }
        world.run(seconds: 300)
        #expect(world.health.isReady && valid(world) == 3)
    }

    @Test func `a refused call of an agent that is accepted costs a renewal and nothing else`() throws {
        let world = try settled()
        let refusal = AuthorityCallError(.unauthorized, "the certificate is revoked")
        world.core.handle(.unaccepted(refusal, serial: "0123"))
        world.settle()
        #expect(world.authority.newCalls().isEmpty && !world.report().contains("revoked"))
        world.core.handle(.unaccepted(refusal, serial: try own(world)))
        world.settle()
        // The token in its file, which is used up, is tried before the certificate is shown once more.
        world.run(seconds: 5)
        #expect(world.authority.newCalls().contains("renew") && world.health.isReady && valid(world) == 3)
    }
}
