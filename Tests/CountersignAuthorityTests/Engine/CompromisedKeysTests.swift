import CountersignAuthority
import CountersignIssuance
import CountersignPKI
import Synchronization
import Testing

@Suite struct CompromisedKeysTests {
    @Test(arguments: [RevocationReason.keyCompromise, .caCompromise, .aaCompromise])
    func `a key that was reported compromised is certified for nobody again`(_ reason: RevocationReason) throws {
        let authority = try TestAuthority()
        let key = try PrivateKey.generate(.p256)
        let certificate = try issue("web", key, at: authority)
        try revoke(.serial(certificate), reason, at: authority)
        for service in ["web", "ledger"] {
            #expect(throws: AuthorityError(.weakKey, "")) { try issue(service, key, at: authority) }
            #expect(throws: AuthorityError(.weakKey, "")) { try issueVetted(service, key, at: authority) }
        }
        #expect(authority.inventory.trail.last?.detail.contains("reported compromised") == true)
        #expect(try !issue("web", try PrivateKey.generate(.p256), at: authority).isEmpty)
    }

    @Test(arguments: RevocationReason.allCases.filter { !$0.name.hasSuffix("ompromise") && $0 != .removeFromCRL })
    func `a key whose certificate was revoked for another reason is certified again`(_ reason: RevocationReason) throws
    {
        let authority = try TestAuthority()
        let key = try PrivateKey.generate(.p256)
        try revoke(.serial(try issue("web", key, at: authority)), reason, at: authority)
        #expect(try !issue("web", key, at: authority).isEmpty)
    }

    @Test func `a restart forgets no compromised key, whether or not its certificate has ended`() throws {
        let authority = try TestAuthority()
        let (lost, replaced) = (try PrivateKey.generate(.p256), try PrivateKey.generate(.p256))
        try revoke(.serial(try issue("web", lost, at: authority)), .keyCompromise, at: authority)
        try revoke(.serial(try issue("web", replaced, at: authority)), .superseded, at: authority)
        let restarted = try TestAuthority(inventory: authority.inventory)
        restarted.advance(30 * 86_400)
        #expect(throws: AuthorityError(.weakKey, "")) { try issue("web", lost, at: restarted) }
        #expect(try !issue("web", replaced, at: restarted).isEmpty)
    }

    @Test func `certificates of the same holder with the key are revoked along`() throws {
        let authority = try TestAuthority()
        let (key, other) = (try PrivateKey.generate(.p256), try PrivateKey.generate(.p256))
        let (first, second) = (try issue("web", key, at: authority), try issue("web", key, at: authority))
        let bystander = try issue("web", other, at: authority)
        #expect(try revoke(.serial(first), .keyCompromise, at: authority) == [first, second])
        #expect(authority.inventory.certificate(serial: bystander)?.revocation == nil)
    }

    @Test func `certificates with the key stay when one is revoked for another reason`() throws {
        let authority = try TestAuthority()
        let key = try PrivateKey.generate(.p256)
        let (first, second) = (try issue("web", key, at: authority), try issue("web", key, at: authority))
        #expect(try revoke(.serial(first), .superseded, at: authority) == [first])
        #expect(authority.inventory.certificate(serial: second)?.revocation == nil)
    }

    @Test func `a certificate that was revoked for another reason may be reported compromised, once`() throws {
        let authority = try TestAuthority()
        let key = try PrivateKey.generate(.p256)
        let certificate = try issue("web", key, at: authority)
        try revoke(.serial(certificate), .superseded, at: authority)
        let second = try issue("web", key, at: authority)
        #expect(try revoke(.serial(certificate), .keyCompromise, at: authority) == [certificate, second])
        #expect(throws: AuthorityError(.weakKey, "")) { try issue("web", key, at: authority) }
        #expect(throws: AuthorityError(.alreadyRevoked, "")) {
            try revoke(.serial(certificate), .keyCompromise, at: authority)
        }
        #expect(throws: AuthorityError(.alreadyRevoked, "")) {
            try revoke(.serial(certificate), .superseded, at: authority)
        }
    }

    @Test func `a revocation that could not be recorded refuses no key`() throws {
        let authority = try TestAuthority()
        let key = try PrivateKey.generate(.p256)
        let certificate = try issue("web", key, at: authority)
        authority.inventory.fail(with: StoreError(.unavailable, "the disk is full"))
        #expect(throws: AuthorityError(.unavailable, "")) {
            try revoke(.serial(certificate), .keyCompromise, at: authority)
        }
        authority.inventory.fail(with: nil)
        #expect(try !issue("web", key, at: authority).isEmpty)
    }

    /// Has a key certified; returns the serial number.
    @discardableResult
    private func issue(_ service: String, _ key: PrivateKey, at authority: TestAuthority) throws -> String {
        try issue(service, .request(try TestAuthority.request(key: key)), at: authority)
    }

    private func issueVetted(_ service: String, _ key: PrivateKey, at authority: TestAuthority) throws {
        let registration = try authority.engine.service(service)
        let vetted = try VettedRequest(try TestAuthority.request(key: key), for: registration)
        _ = try issue(service, .vetted(vetted), at: authority)
    }

    private func issue(_ service: String, _ key: IssuanceOrder.Key, at authority: TestAuthority) throws -> String {
        let outcome = Mutex<Result<Issuance, AuthorityError>?>(nil)
        let order = IssuanceOrder(holder: .service(service), key: key, channel: .native)
        authority.engine.issue(order, for: Caller(.local("test"))) { result in outcome.withLock { $0 = result } }
        return try #require(outcome.withLock { $0 }).get().record.serial
    }

    /// Revokes; returns the serial numbers of what was revoked.
    @discardableResult
    private func revoke(
        _ target: RevocationOrder.Target,
        _ reason: RevocationReason,
        at authority: TestAuthority
    ) throws -> [String] {
        try authority.revoke(RevocationOrder(target, reason: reason))
    }
}
