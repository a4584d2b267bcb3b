import CountersignAuthority
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Synchronization
import Testing

/// What the authority does when a certificate that it keeps itself is revoked, held or released.
@Suite struct ProvisioningRevocationTests {
    private let authority: TestAuthority
    private let place = MemoryPlace()
    private let health = HealthState()

    init() throws {
        authority = try TestAuthority()
        health.markStarted()
    }

    private func provisioning() -> CertificateProvisioning {
        CertificateProvisioning(engine: authority.engine, place: place, health: health)
    }

    private var report: String { String(decoding: health.fullReport().body, as: UTF8.self) }

    private func revoke(_ serial: String, _ reason: RevocationReason) throws {
        try authority.revoke(RevocationOrder(.serial(serial), reason: reason))
    }

    private func serial(_ service: String = "web") throws -> String { try #require(place.kept(service)).serial }

    private func key(_ service: String = "web") throws -> [UInt8] {
        try #require(place.kept(service)).key.publicKey.derEncoded
    }

    @Test(arguments: [RevocationReason.unspecified, .keyCompromise, .superseded, .privilegeWithdrawn])
    func `what is revoked is replaced with the next sweep by one for another key, and nothing else is`(
        reason: RevocationReason
    ) throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let (revoked, oldKey, other) = (try serial(), try key(), try serial("ledger"))
        try revoke(revoked, reason)
        _ = provisioning.sweep()
        #expect(try serial() != revoked && key() != oldKey)
        #expect(try serial("ledger") == other)
        #expect(health.isReady && !report.contains("revoked"), "\(report)")
        let replaced = try serial()
        _ = provisioning.sweep()
        #expect(try serial() == replaced, "once")
    }

    @Test func `what was revoked while nobody looked is replaced at the start`() throws {
        _ = provisioning().sweep()
        let (revoked, oldKey, other) = (try serial(), try key(), try serial("ledger"))
        try revoke(revoked, .keyCompromise)
        _ = provisioning().sweep()
        #expect(try serial() != revoked && key() != oldKey)
        #expect(try serial("ledger") == other)
    }

    @Test func `one that ended and was revoked is not renewed with its key`() throws {
        _ = provisioning().sweep()
        let (revoked, oldKey) = (try serial(), try key())
        try revoke(revoked, .superseded)
        authority.advance(2 * 3600)
        authority.engine.revocations.forget(endedBefore: authority.engine.clock.now())
        _ = provisioning().sweep()
        #expect(try serial() != revoked && key() != oldKey)
    }

    @Test func `revoking another certificate of the service changes nothing`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let first = try serial()
        authority.advance(1801)
        _ = provisioning.sweep()
        let second = try serial()
        try revoke(first, .superseded)
        _ = provisioning.sweep()
        #expect(first != second)
        #expect(try serial() == second)
    }

    @Test func `one that gets no successor is told of until it does, and tried again in its time`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let revoked = try serial()
        try revoke(revoked, .keyCompromise)
        place.setFull(true)
        for _ in 0..<20 { _ = provisioning.sweep() }
        #expect(authority.inventory.issued.filter { $0.service == "web" }.count == 2)
        #expect(report.contains("web is revoked (keyCompromise)"), "\(report)")
        #expect(authority.engine.metrics.kept.child("revoked").value == 1)
        #expect(health.isReady, "no reason to take the authority from others")
        place.setFull(false)
        authority.advance(60)
        _ = provisioning.sweep()
        #expect(try serial() != revoked)
        #expect(authority.engine.metrics.kept.child("revoked").value == 0)
        #expect(authority.engine.metrics.kept.child("good").value == 2)
    }

    @Test func `a certificate that could not be written and was revoked is never put in place`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        place.setFull(true)
        authority.advance(1801)
        _ = provisioning.sweep()
        let unwritten = try #require(authority.inventory.issued.last { $0.service == "web" })
        #expect(provisioning.serials.contains(unwritten.serial))
        try revoke(unwritten.serial, .superseded)
        place.setFull(false)
        authority.advance(60)
        _ = provisioning.sweep()
        let der = try #require(place.history(of: "web").last).der
        #expect(der != unwritten.der)
        let keys = try [der, unwritten.der].map { try ParsedCertificate(der: $0).publicKey.derEncoded }
        #expect(keys[0] != keys[1])
    }

    @Test func `what is on hold stays, over renewals, rotations, restarts and its end, until it is released`() throws {
        var provisioning = provisioning()
        _ = provisioning.sweep()
        let (held, heldKey) = (try serial(), try key())
        try revoke(held, .certificateHold)
        _ = provisioning.sweep()
        #expect(report.contains("web is on hold"), "\(report)")
        #expect(authority.engine.metrics.kept.child("held").value == 1)
        authority.advance(1801)
        authority.engine.requestRotation(of: "web", by: Caller(.local("test"))) { _ in }
        _ = provisioning.sweep(demanded: ["web"])
        #expect(try serial() == held)
        provisioning = self.provisioning()
        _ = provisioning.sweep()
        #expect(try serial() == held)
        authority.advance(3600)
        authority.engine.revocations.forget(endedBefore: authority.engine.clock.now())
        _ = provisioning.sweep()
        _ = self.provisioning().sweep()
        #expect(try serial() == held, "a hold does not end by itself")
        try revoke(held, .removeFromCRL)
        _ = provisioning.sweep()
        #expect(try serial() != held, "\(report)")
        #expect(try key() == heldKey)
        #expect(!report.contains("hold"), "\(report)")
    }

    @Test func `what is released in its time stays in place`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let (held, other) = (try serial(), try serial("ledger"))
        try revoke(held, .certificateHold)
        _ = provisioning.sweep()
        try revoke(held, .removeFromCRL)
        _ = provisioning.sweep()
        #expect(try serial() == held && serial("ledger") == other)
        #expect(!report.contains("hold"), "\(report)")
    }

    @Test func `a hold that becomes a revocation is replaced at once`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let (held, heldKey) = (try serial(), try key())
        try revoke(held, .certificateHold)
        _ = provisioning.sweep()
        try revoke(held, .keyCompromise)
        _ = provisioning.sweep()
        #expect(try serial() != held && key() != heldKey)
    }

    @Test func `a certificate on hold that could not be written waits for its release`() throws {
        let provisioning = provisioning()
        _ = provisioning.sweep()
        let before = try serial()
        place.setFull(true)
        authority.advance(1801)
        _ = provisioning.sweep()
        let unwritten = try #require(authority.inventory.issued.last { $0.service == "web" }).serial
        try revoke(unwritten, .certificateHold)
        place.setFull(false)
        authority.advance(300)
        _ = provisioning.sweep()
        #expect(try serial() == before)
        try revoke(unwritten, .removeFromCRL)
        authority.advance(300)
        _ = provisioning.sweep()
        #expect(try serial() == unwritten)
    }
}
