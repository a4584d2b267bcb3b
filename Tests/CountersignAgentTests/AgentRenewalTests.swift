import CountersignAgent
import CountersignFiles
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Synchronization
import Testing

@Suite struct AgentRenewalTests {
    private func key(_ world: AgentWorld) throws -> [UInt8] {
        try PrivateKey(pem: #require(world.file("user-svc/key.pem"))).publicKey.derEncoded
    }

    @Test func `certificates are renewed by the authority's rule, with the same key`() throws {
        let world = try AgentWorld()
        world.settle()
        let first = try #require(try world.certificate())
        let key = try key(world)
        world.run(seconds: 1600)
        #expect(try world.certificate()?.serialNumber == first.serialNumber)
        world.run(seconds: 200)
        let second = try #require(try world.certificate())
        #expect(second.serialNumber != first.serialNumber)
        #expect(try self.key(world) == key)
        #expect(world.metric(#"mtls_cert_rotations_total{service="user-svc",result="success"} 2"#))
    }

    @Test func `a key that the authority certifies no more is changed at once`() throws {
        let world = try AgentWorld()
        world.settle()
        let first = try key(world)
        world.authority.change { $0.refusedKeys = [first] }
        world.run(seconds: 1800)
        #expect(try key(world) != first && world.certificate() != nil, "\(world.report())")
        #expect(world.metric(#"mtls_cert_rotations_total{service="user-svc",result="success"} 2"#))
        let second = try key(world)
        world.run(seconds: 1800)
        #expect(try key(world) == second)
    }

    @Test func `a key is changed when it is old, or each time`() throws {
        for (lifetime, renewals) in [(Int64(2 * 3_600_000), 5), (0, 1)] {
            let world = try AgentWorld { $0.keyLifetime = lifetime }
            world.settle()
            let first = try key(world)
            var count = 0
            while try key(world) == first {
                // A little more than half of a lifetime, as each renewal has its own moment within a tenth of that.
                world.run(seconds: 2000)
                count += 1
                #expect(count <= renewals)
                if count > 10 { break }
            }
            #expect(try world.certificate() != nil)
        }
    }

    @Test func `a key stays while its files are read, up to twice its time`() throws {
        let world = try AgentWorld { settings in
            settings.keyLifetime = 2 * 3_600_000
            settings.quietTime = .seconds(60)
        }
        world.settle()
        let first = try key(world)
        let reader = try TightReader("\(world.certificates)/user-svc/key.pem")
        world.run(seconds: 3 * 3600)
        #expect(try key(world) == first)
        world.run(seconds: 3600 + 1800)
        #expect(try key(world) != first && world.certificate() != nil)
        reader.stop()
    }

    @Test func `a key stays when its files are opened while the certificate is under way`() throws {
        let world = try AgentWorld { $0.keyLifetime = 1 }
        world.settle()
        let first = try key(world)
        let serial = try world.certificate()?.serialNumber
        world.time.advance(to: world.time.now + 1)
        world.core.handle(.rotate(WantedRotation("user-svc")))
        // Past twice the time it would be changed in any case.
        let work = try #require(world.worker.take(.authority))
        let event = work()
        _ = world.file("user-svc/cert.pem")
        world.core.handle(event)
        world.settle()
        #expect(try key(world) == first && world.certificate()?.serialNumber != serial)
        #expect(world.authority.calls.filter { $0 == "sign user-svc" }.count == 3)
    }

    @Test func `the operator's rule goes before the authority's`() throws {
        let service = ServiceSettings(name: "user-svc", rule: .before(seconds: 600))
        let world = try AgentWorld(services: [service])
        world.settle()
        _ = world.authority.newCalls()
        world.run(seconds: 2600)
        #expect(world.authority.newCalls().contains("sign user-svc") == false)
        world.run(seconds: 420)
        #expect(world.authority.newCalls().contains("sign user-svc"))
    }

    @Test func `rules survive a restart`() throws {
        let first = try AgentWorld()
        first.authority.change { $0.rule = .before(seconds: 600) }
        first.settle()
        let second = try AgentWorld(after: first)
        _ = second.authority.newCalls()
        second.run(seconds: 2600)
        #expect(second.authority.newCalls().contains("sign user-svc") == false)
    }

    @Test func `while the authority is away services keep theirs; health turns red near the end, and back`() throws {
        let world = try AgentWorld()
        world.settle()
        let serial = try world.certificate()?.serialNumber
        world.authority.change { $0.failure = AuthorityCallError(.unreachable, "cannot be reached: refused") }
        world.run(seconds: 2000)
        #expect(world.health.isReady && world.report().contains("user-svc is renewed late: cannot be reached"))
        world.run(seconds: 900)
        #expect(!world.health.isReady && world.report().contains("user-svc is about to expire"))
        #expect(try world.certificate()?.serialNumber == serial)
        #expect(world.metric(#"mtls_cert_rotations_total{service="user-svc",result="failure"} 0"#) == false)
        world.authority.change { $0.failure = nil }
        world.run(seconds: 150)
        #expect(world.health.isReady)
        #expect(try world.certificate()?.serialNumber != serial)
    }

    @Test func `an expired certificate is renewed in an emergency once the authority is back`() throws {
        let world = try AgentWorld()
        // The agent's own lasts longer, as it does where profiles differ.
        world.authority.change { $0.lifetime = 86_400 }
        world.core.handle(.clock)
        if let work = world.worker.take(.authority) { world.core.handle(work()) }
        world.authority.change { $0.lifetime = 3600 }
        world.settle()
        world.authority.change { $0.failure = AuthorityCallError(.unreachable, "away") }
        world.run(seconds: 7200)
        #expect(world.report().contains("user-svc is expired"))
        world.authority.change { $0.failure = nil }
        world.run(seconds: 31)
        #expect(world.health.isReady)
    }

    @Test func `what the authority asks for is waited for`() throws {
        let world = try AgentWorld()
        world.settle()
        world.run(seconds: 1500)
        world.authority.change { $0.failure = AuthorityCallError(.unavailable, "busy", retryAfter: 120_000) }
        world.run(seconds: 300)
        _ = world.authority.newCalls()
        world.run(seconds: 100)
        #expect(world.authority.newCalls().filter { $0.hasPrefix("sign") }.count <= 1)
    }

    @Test func `a refused service does not keep the others from theirs`() throws {
        let world = try AgentWorld(services: [ServiceSettings(name: "user-svc"), ServiceSettings(name: "other")])
        world.core.handle(.clock)
        while let work = world.worker.take(.authority) {
            world.authority.change { state in
                state.failure =
                    state.calls.contains("sign user-svc") || !state.calls.contains("join")
                    ? nil : AuthorityCallError(.refused, "user-svc is not registered")
            }
            world.core.handle(work())
        }
        #expect(try (world.certificate() == nil) != (world.certificate("other") == nil))
        #expect(!world.health.isReady && world.report().contains("user-svc is not registered"))
    }

    @Test func `the answer for a key that nobody asked for is refused`() throws {
        let world = try AgentWorld()
        world.settle()
        let other = try AgentWorld()
        other.settle()
        let chain = try CertificateChain(pem: #require(other.file("user-svc/cert.pem"))).certificates
        let key = try PrivateKey(pem: #require(world.file("user-svc/key.pem")))
        let note = IdentityNote(obtainedAt: 0, keyMadeAt: 0)
        #expect(throws: PKIError(.keyMismatch, "")) { try HeldIdentity(key: key, certificates: chain, note: note) }
    }

    @Test func `a certificate that no known authority vouches for is not put in place`() throws {
        let world = try AgentWorld()
        world.settle()
        let serial = try world.certificate()?.serialNumber
        let stranger = try FakeAuthority.makeAuthority(world.time)
        world.authority.change { $0.authority = stranger }
        world.run(seconds: 1900)
        #expect(try world.certificate()?.serialNumber == serial)
        #expect(world.report().contains("is not vouched for"))
    }

    @Test func `a new root is fetched before the certificates below it are put in place`() throws {
        let world = try AgentWorld()
        world.settle()
        let serial = try world.certificate()?.serialNumber
        let next = try FakeAuthority.makeAuthority(world.time)
        let both = world.authority.bundlePEM + Array(next.trustBundlePEM.utf8)
        world.authority.change { state in
            state.authority = next
            state.bundle = both
        }
        world.run(seconds: 1900)
        #expect(try world.certificate()?.serialNumber != serial && world.health.isReady)
        #expect(world.file("ca.pem") == both)
    }

    @Test func `a bundle that is none is refused, and the one before stays`() throws {
        let world = try AgentWorld()
        world.settle()
        let bundle = world.file("ca.pem")
        world.authority.change { $0.bundle = Array("nothing".utf8) }
        world.run(seconds: 400)
        #expect(world.file("ca.pem") == bundle && world.report().contains("trust bundle cannot be used"))
        #expect(world.health.isReady)
    }

    @Test func `what cannot be written is kept and not asked for again`() throws {
        let world = try AgentWorld()
        world.settle()
        let serial = try world.certificate()?.serialNumber
        let obstacle = "\(world.certificates)/.generations/user-svc.2.new"
        try FileContent.write([], toNew: obstacle, mode: 0o600)
        _ = world.authority.newCalls()
        world.run(seconds: 1900)
        #expect(world.authority.newCalls().filter { $0 == "sign user-svc" }.count == 1)
        #expect(try world.certificate()?.serialNumber == serial)
        #expect(world.report().contains("user-svc is renewed late: the new certificate is not in place"))
        #expect(unlinkFile(obstacle))
        world.run(seconds: 300)
        #expect(try world.certificate()?.serialNumber != serial)
        #expect(world.authority.newCalls().contains("sign user-svc") == false)
    }

    @Test func `a certificate that is over when it comes is refused with advice`() throws {
        let world = try AgentWorld()
        world.settle()
        world.authority.change { $0.lifetime = -10 }
        world.run(seconds: 1900)
        #expect(world.report().contains("clock of this host") || world.report().contains("renewed late"))
        #expect(try world.certificate() != nil)
    }

    @Test func `a key that others could read is replaced at once`() throws {
        let first = try AgentWorld()
        first.settle()
        let key = try key(first)
        let path = "\(first.certificates)/user-svc/key.pem"
        let bytes = try FileContent.read(path, maximumBytes: 10_000).bytes
        try AtomicFile.write(bytes, to: path, mode: 0o644)
        let second = try AgentWorld(after: first)
        second.settle()
        #expect(try self.key(second) != key && second.certificate() != nil)
    }

    @Test func `services come and go without a restart; files of those that go stay`() throws {
        let world = try AgentWorld()
        world.settle()
        world.core.handle(.services([ServiceSettings(name: "other")]))
        world.settle()
        #expect(try world.certificate("other") != nil && world.certificate() != nil)
        #expect(world.report().contains(#""services":{"other":{"#))
        #expect(!world.report().contains("user-svc"))
        _ = world.authority.newCalls()
        world.run(seconds: 1900)
        #expect(!world.authority.newCalls().contains("sign user-svc"))
    }

    @Test func `a service is renewed when the authority's operator wants it, others are not`() throws {
        let world = try AgentWorld()
        world.settle()
        let serial = try world.certificate()?.serialNumber
        world.core.handle(.rotate(WantedRotation("other")))
        world.settle()
        #expect(try world.certificate()?.serialNumber == serial)
        world.core.handle(.rotate(WantedRotation("user-svc")))
        world.settle()
        #expect(try world.certificate()?.serialNumber != serial)
    }

    @Test func `a rotation that was asked for while the agent was away is made up for, once`() throws {
        let first = try AgentWorld()
        first.settle()
        let serial = try first.certificate()?.serialNumber
        let world = try AgentWorld(after: first)
        world.settle()
        world.authority.change { $0.rotation = 1000 }
        let missed = WantedRotation("user-svc", requestedAt: 1000)
        world.core.handle(.rotate(missed))
        world.settle()
        let rotated = try world.certificate()?.serialNumber
        #expect(rotated != serial)
        let later = try AgentWorld(after: world)
        later.settle()
        later.core.handle(.rotate(missed))
        later.settle()
        #expect(try later.certificate()?.serialNumber == rotated)
    }

    @Test func `the status of every service is there to be read`() throws {
        let world = try AgentWorld()
        world.core.handle(.clock)
        #expect(
            world.report().contains(
                #""services":{"user-svc":{"enabled":true,"trust_domain":"","spiffe_id":"","cert_serial":"","#
                    + #""cert_valid":false,"remaining_secs":0,"needs_renewal":true}}"#
            )
        )
        world.settle()
        let serial = try #require(try world.certificate())
        #expect(
            world.report().contains(
                #""services":{"user-svc":{"enabled":true,"trust_domain":"link.internal","#
                    + #""spiffe_id":"spiffe://link.internal/ns/default/sa/user-svc","cert_serial":""#
                    + SerialNumber(serial.serialNumber).hexadecimal
                    + #"","cert_valid":true,"remaining_secs":3600,"needs_renewal":false}}"#
            )
        )
        #expect(world.report().contains(#""spiffe_id":"spiffe://link.internal/agent/host-1""#))
    }
}
