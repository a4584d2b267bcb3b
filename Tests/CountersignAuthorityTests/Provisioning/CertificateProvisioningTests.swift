import CountersignAuthority
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Testing

/// Provisioning by a clock that the tests move; `web` has certificates of an hour, renewed at their half, and `ledger`
/// those of 90 days, renewed 14 days before their end.
@Suite struct CertificateProvisioningTests {
    private let authority: TestAuthority
    private let place = MemoryPlace()
    private let health = HealthState()
    private static let day: Int64 = 86_400

    init() throws {
        authority = try TestAuthority { settings in
            settings.profiles["guarded"] = IssuanceProfile(
                name: "guarded",
                lifetimeSeconds: 90 * Self.day,
                renewal: .before(seconds: 14 * Self.day)
            )
        }
    }

    private func provisioning(excluded: Set<String> = []) -> CertificateProvisioning {
        CertificateProvisioning(engine: authority.engine, place: place, excluded: excluded, health: health)
    }

    private var report: String { String(decoding: health.fullReport().body, as: UTF8.self) }

    // MARK: At the start

    @Test func `every registered service gets a key and a certificate that are recorded`() throws {
        _ = provisioning().sweep()
        for service in ["web", "ledger"] {
            let kept = try #require(place.kept(service))
            let certificate = try #require(place.history(of: service).first)
            #expect(kept.key.matches(try ParsedCertificate(der: certificate.der)))
            let record = try #require(authority.inventory.certificate(serial: kept.serial))
            #expect(record.service == service && record.channel == .provisioning)
        }
        #expect(place.bundle == authority.engine.issuer.trustBundlePEM)
        #expect(health.fullReport().status == 503, "nothing but the start is missing")
        health.markStarted()
        #expect(health.isReady)
    }

    @Test func `a service that looks after its key itself gets none here`() {
        _ = provisioning(excluded: ["ledger"]).sweep()
        #expect(place.kept("web") != nil)
        #expect(place.kept("ledger") == nil)
        #expect(authority.inventory.issued.map(\.service) == ["web"])
    }

    @Test func `what is in place and good is taken up, not issued again`() throws {
        _ = provisioning().sweep()
        let serial = try #require(place.kept("web")).serial
        authority.advance(600)
        _ = provisioning().sweep()
        #expect(place.kept("web")?.serial == serial)
        #expect(authority.inventory.issued.count == 2)
    }

    @Test func `what has ended while nobody looked is renewed at the start`() throws {
        _ = provisioning().sweep()
        let serial = try #require(place.kept("web")).serial
        authority.advance(2 * 3600)
        _ = provisioning().sweep()
        #expect(place.kept("web")?.serial != serial)
        #expect(try #require(place.kept("web")).validity.notAfter > authority.engine.clock.now())
    }

    // MARK: By the clock

    @Test func `a part of the lifetime is a threshold, up to a tenth earlier`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let serial = try #require(place.kept("web")).serial
        authority.advance(1800 * 9 / 10 - 2)
        _ = provisioning.sweep()
        #expect(place.kept("web")?.serial == serial)
        authority.advance(1800 / 10 + 4)
        _ = provisioning.sweep()
        #expect(place.kept("web")?.serial != serial)
    }

    @Test func `days before the end are a threshold, up to a tenth earlier`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let serial = try #require(place.kept("ledger")).serial
        authority.advance(76 * Self.day * 9 / 10 - 2)
        _ = provisioning.sweep()
        #expect(place.kept("ledger")?.serial == serial)
        authority.advance(76 * Self.day / 10 + 4)
        _ = provisioning.sweep()
        #expect(place.kept("ledger")?.serial != serial)
    }

    @Test func `the moment to come back is the earliest at which something is due`() throws {
        let provisioning = provisioning()
        let next = provisioning.sweep() / 1000
        let now = authority.engine.clock.now()
        #expect(next > now + 1800 * 9 / 10 - 2 && next <= now + 1800)
        authority.advance(next - now + 1)
        _ = provisioning.sweep()
        #expect(place.history(of: "web").count == 2)
        #expect(place.history(of: "ledger").count == 1)
    }

    @Test func `services of one age are renewed at different times`() throws {
        let many = try (0..<40).map { number in
            ServiceRegistration(
                name: "s\(number)",
                spiffeID: try SPIFFEID(parsing: "spiffe://\(TestAuthority.trustDomain)/ns/default/sa/s\(number)"),
                origin: .configuration
            )
        }
        let authority = try TestAuthority { $0.services = many }
        let provisioning = CertificateProvisioning(engine: authority.engine, place: place, health: health)
        _ = provisioning.sweep()
        var renewals: [Int] = []
        for _ in 0..<31 {
            let before = authority.inventory.issued.count
            authority.advance(60)
            _ = provisioning.sweep()
            renewals.append(authority.inventory.issued.count - before)
        }
        #expect(renewals.reduce(0, +) == 40)
        #expect(renewals.filter { $0 > 0 }.count >= 3, "\(renewals)")
        #expect((renewals.max() ?? 0) < 30, "\(renewals)")
    }

    @Test func `the certificate before stays in force beside its successor, with the same key`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let first = try #require(place.kept("web"))
        authority.advance(1801)
        _ = provisioning.sweep()
        let second = try #require(place.kept("web"))
        #expect(first.serial != second.serial)
        #expect(first.key.publicKey.derEncoded == second.key.publicKey.derEncoded)
        for serial in [first.serial, second.serial] {
            #expect(authority.inventory.certificate(serial: serial)?.revocation == nil)
        }
        #expect(first.validity.notAfter > authority.engine.clock.now())
    }

    @Test func `an old key is changed, and so is one whose certificate is revoked`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let first = try #require(place.kept("web"))
        authority.advance(31 * Self.day)
        _ = provisioning.sweep()
        let second = try #require(place.kept("web"))
        #expect(first.key.publicKey.derEncoded != second.key.publicKey.derEncoded)
        try authority.revoke(RevocationOrder(.serial(second.serial), reason: .keyCompromise))
        _ = provisioning.sweep(demanded: ["web"])
        #expect(place.kept("web")?.key.publicKey.derEncoded != second.key.publicKey.derEncoded)
    }

    // MARK: By hand

    @Test func `a rotation by hand renews that service alone, once`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        authority.advance(5)
        let (web, ledger) = (place.kept("web")?.serial, place.kept("ledger")?.serial)
        authority.engine.requestRotation(of: "web", by: Caller(.local("test"))) { _ in }
        _ = provisioning.sweep(demanded: ["web"])
        let rotated = place.kept("web")?.serial
        #expect(rotated != web && place.kept("ledger")?.serial == ledger)
        authority.advance(5)
        _ = provisioning.sweep()
        #expect(place.kept("web")?.serial == rotated)
    }

    @Test func `a rotation that nobody was there for is made up for`() throws {
        _ = provisioning().sweep()
        let before = try #require(place.kept("web")).serial
        authority.engine.requestRotation(of: "web", by: Caller(.local("test"))) { _ in }
        #expect(authority.inventory.rotations() == ["web": authority.engine.clock.now()])
        _ = provisioning().sweep()
        let rotated = place.kept("web")?.serial
        #expect(rotated != before)
        _ = provisioning().sweep()
        #expect(place.kept("web")?.serial == rotated)
    }

    @Test func `two rotations within a second are two`() throws {
        _ = provisioning().sweep()
        var serials: Set<String?> = [place.kept("web")?.serial]
        for _ in 0..<2 {
            authority.engine.requestRotation(of: "web", by: Caller(.local("test"))) { _ in }
            _ = provisioning().sweep()
            serials.insert(place.kept("web")?.serial)
        }
        #expect(serials.count == 3)
    }

    @Test func `a rotation that cannot be recorded is told to nobody`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        authority.advance(5)
        authority.inventory.fail(with: StoreError(.unavailable, "the disk is gone"))
        authority.engine.requestRotation(of: "web", by: Caller(.local("test"))) { result in
            #expect(throws: AuthorityError.self) { try result.get() }
        }
        #expect(authority.engine.rotations.requestedAt("web") == nil)
    }

    // MARK: When things fail

    @Test func `while the store is down what is in place stays, and is tried again with growing pauses`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let serial = try #require(place.kept("web")).serial
        authority.inventory.fail(with: StoreError(.unavailable, "the disk is gone"))
        authority.advance(1801)
        var pauses: [Int64] = []
        for _ in 0..<6 {
            let next = provisioning.sweep() / 1000
            pauses.append(next - authority.engine.clock.now())
            authority.advance(max(1, next - authority.engine.clock.now() + 1))
        }
        #expect(place.kept("web")?.serial == serial)
        #expect(pauses.last ?? 0 >= 4 && pauses.allSatisfy { $0 <= 300 }, "\(pauses)")
        #expect(report.contains("web is late: the disk is gone"), "\(report)")
        authority.inventory.fail(with: nil)
        authority.advance(300)
        _ = provisioning.sweep()
        #expect(place.kept("web")?.serial != serial)
        #expect(!report.contains("disk is gone"))
    }

    @Test func `a service that has no certificate yet is told of, and gets it when the store is back`() throws {
        authority.inventory.fail(with: StoreError(.unavailable, "the disk is gone"))
        let provisioning = provisioning()
        _ = provisioning.sweep()
        #expect(place.kept("web") == nil)
        #expect(report.contains("ledger is absent: the disk is gone; and 1 more"), "\(report)")
        authority.inventory.fail(with: nil)
        authority.advance(31)
        _ = provisioning.sweep()
        #expect(place.kept("web") != nil && place.kept("ledger") != nil)
        #expect(!report.contains("absent"))
    }

    @Test func `a certificate that could not be written is written later and not asked for again`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let serial = try #require(place.kept("web")).serial
        let issued = authority.inventory.issued.count
        place.setFull(true)
        authority.advance(1801)
        _ = provisioning.sweep()
        #expect(place.kept("web")?.serial == serial)
        place.setFull(false)
        authority.advance(60)
        _ = provisioning.sweep()
        #expect(place.kept("web")?.serial == authority.inventory.issued.last?.serial)
        #expect(authority.inventory.issued.count == issued + 1)
    }

    @Test func `a certificate that is due when it can be written is renewed at once, and those after it as well`()
        throws
    {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        authority.advance(1801)
        place.setFull(true)
        _ = provisioning.sweep()
        let unwritten = try #require(authority.inventory.issued.last { $0.service == "web" }).serial
        authority.advance(1801)
        place.setFull(false)
        _ = provisioning.sweep()
        let first = try #require(place.kept("web")).serial
        #expect(place.history(of: "web").count == 3 && first != unwritten)
        #expect(place.kept("web")?.validity.notAfter == authority.engine.clock.now() + 3600)
        authority.advance(1801)
        _ = provisioning.sweep()
        let second = try #require(place.kept("web")).serial
        #expect(second != first)
        authority.advance(5)
        authority.engine.requestRotation(of: "web", by: Caller(.local("test"))) { _ in }
        _ = provisioning.sweep(demanded: ["web"])
        #expect(place.kept("web")?.serial != second)
    }

    @Test func `one service that is refused keeps no other from its certificate`() throws {
        let provisioning = provisioning()
        let update = ServiceRegistration(
            name: "lost",
            spiffeID: try SPIFFEID(parsing: "spiffe://elsewhere/ns/default/sa/lost"),
            profile: "missing"
        )
        _ = provisioning.sweep()
        #expect(throws: AuthorityError.self) { try authority.put(update, isNew: true) }
        authority.advance(1801)
        _ = provisioning.sweep()
        #expect(place.history(of: "web").count == 2)
    }

    @Test func `failures of a rotation by hand are repeated in their time, not with every sweep`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        authority.engine.requestRotation(of: "web", by: Caller(.local("test"))) { _ in }
        place.setFull(true)
        for _ in 0..<50 { _ = provisioning.sweep() }
        #expect(authority.inventory.issued.filter { $0.service == "web" }.count == 2)
        #expect(report.contains("web is late"))
    }

    @Test func `a changed registration is in the certificate at once, and one that is the same changes nothing`() throws
    {
        var later = ServiceRegistration(
            name: "later",
            spiffeID: try SPIFFEID(parsing: "spiffe://\(TestAuthority.trustDomain)/ns/default/sa/later"),
            dnsNames: ["one.example.com"]
        )
        try authority.put(later, isNew: true)
        let provisioning = provisioning()
        _ = provisioning.sweep()
        _ = provisioning.sweep()
        #expect(place.history(of: "later").count == 1)
        later.dnsNames.append("two.example.com")
        try authority.put(later, isNew: false)
        _ = provisioning.sweep()
        #expect(place.history(of: "later").count == 2)
        #expect(authority.inventory.issued.last?.names == later.dnsNames)
        later.dnsNames = ["three.example.com"]
        try authority.put(later, isNew: false)
        _ = self.provisioning().sweep()
        #expect(authority.inventory.issued.last?.names == later.dnsNames, "it changed while nobody looked")
    }

    @Test func `a certificate that was never recorded here is replaced`() throws {
        _ = provisioning().sweep()
        var foreign = try #require(place.kept("web"))
        foreign.serial = "00"
        place.keep(foreign, for: "web")
        _ = provisioning().sweep()
        #expect(place.kept("web")?.serial != "00")
    }

    @Test func `a service that is registered later is taken in, and one that is removed is let go`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let later = ServiceRegistration(
            name: "later",
            spiffeID: try SPIFFEID(parsing: "spiffe://\(TestAuthority.trustDomain)/ns/default/sa/later")
        )
        try authority.put(later, isNew: true)
        _ = provisioning.sweep()
        #expect(place.history(of: "later").count == 1)
        try authority.removeService("later")
        authority.advance(1801)
        _ = provisioning.sweep()
        #expect(place.history(of: "later").count == 1)
        #expect(!report.contains("later"))
    }
}
