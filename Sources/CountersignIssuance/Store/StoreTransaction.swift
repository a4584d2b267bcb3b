package import CountersignPKI

/// Changes that become durable together or not at all.
package struct StoreTransaction: Sendable {
    /// The changes, made in order.
    package var changes: [StoreChange]

    package init(_ changes: [StoreChange]) {
        self.changes = changes
    }
}

/// One change of the store.
package enum StoreChange: Sendable {
    /// Records a certificate. Rejected as `serialRepeated` when the serial number is there already.
    case issue(CertificateRecord)
    /// Revokes, holds, or with `removeFromCRL` releases from hold. Rejected as `unknownSerial`, `alreadyRevoked` (also a
    /// hold of a revoked one) or `notHeld`. A held one may be revoked for good, and one that is revoked for a reason
    /// which left its key alone may be revoked again for one that does not.
    case revoke(serial: String, reason: RevocationReason, date: Int64, actor: String)
    /// Remembers for ever that a key is in other hands: the SHA-256 of its SubjectPublicKeyInfo. It may be known already.
    case compromiseKey(digest: [UInt8])
    /// Sets the next number of an issuer's revocation list; a number not above the stored one is `numberNotAbove`.
    case revocationListNumber(issuerKeyID: String, number: Int64)
    /// Adds or replaces a service.
    case putService(ServiceRegistration)
    /// Removes a service. Rejected as `unknownService`.
    case removeService(name: String)
    /// Adds a token, in the place of one of its name that was used or has expired when this one was made. Rejected as
    /// `nameTaken` while that one is still good.
    case addToken(AccessToken)
    /// Marks a join token as used. Rejected as `unknownToken`, `tokenUsed` or `tokenExpired`, judged at `date`.
    case useToken(digest: String, date: Int64)
    /// Removes a token. Rejected as `unknownToken`.
    case removeToken(name: String)
    /// Adds or replaces an agent.
    case putAgent(AgentRegistration)
    /// Removes an agent. Rejected as `unknownAgent`.
    case removeAgent(name: String)
    /// Remembers when a rotation of a service's certificates was last asked for, in Unix seconds.
    case requestRotation(service: String, date: Int64)
    /// Appends to the audit trail.
    case audit(AuditRecord)
}

/// What a durable transaction brought about.
package struct StoreReceipt: Sendable {
    /// The revocation events that it added, in order.
    package var revocations: [RevocationEvent]

    package init(revocations: [RevocationEvent] = []) {
        self.revocations = revocations
    }
}
