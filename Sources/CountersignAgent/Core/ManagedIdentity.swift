import CountersignIssuance
import CountersignPKI

/// One certificate that the agent looks after: a service's, or its own.
final class ManagedIdentity {
    /// The service's name; ``CertificateDirectory/agentName`` for the agent itself.
    let name: String
    /// When it is asked for.
    var machine: RenewalStateMachine
    /// What is in place.
    var held: HeldIdentity?
    /// A certificate that has come and could not be written yet.
    var unwritten: HeldIdentity?
    /// A certificate that has come and waits for a trust bundle that vouches for it.
    var unverified: HeldIdentity?
    /// When the machine wants to be asked again, in Unix milliseconds.
    var wakeAt = Int64.min
    /// Why there is no newer certificate; nil when all is well.
    var problem: AuthorityCallError?
    /// Why the authority has revoked or suspended what is held; nil while it has not.
    var revocation: RevocationReason?
    /// The public keys, as encoded, of certificates that were revoked for good; none of them is used again.
    var revokedKeys: Set<[UInt8]> = []
    /// Whether the authority does not accept what is held where the agent shows it; for the agent's own alone.
    var isUnaccepted = false
    /// Whether an operator wanted it renewed while it was on hold.
    var isRotationPutOff = false
    /// Who may read its private key; nil for the agent's user alone.
    var keyAccess: KeyAccess?
    /// How its consumer is told.
    var reload = ReloadState()

    init(name: String, machine: RenewalStateMachine) {
        self.name = name
        self.machine = machine
    }

    /// Whether what is held is valid, in Unix milliseconds.
    func isUsable(at now: Int64) -> Bool {
        held.map { now < $0.validity.end } ?? false
    }

    /// Whether what is held is revoked for good.
    var isRevoked: Bool { revocation.map { $0 != .certificateHold } ?? false }

    /// Whether what is held is suspended, in Unix milliseconds; with its end, there is nothing left to suspend.
    func isOnHold(at now: Int64) -> Bool {
        revocation == .certificateHold && isUsable(at: now)
    }

    /// Whether the key is that of a certificate that was revoked for good.
    func hasRevokedKey(_ identity: HeldIdentity) -> Bool {
        !revokedKeys.isEmpty && revokedKeys.contains(identity.leaf.publicKey.derEncoded)
    }

    /// How far the telling of a consumer has come.
    struct ReloadState {
        /// What is to be done; nil when nobody is to be told.
        var action: ReloadAction?
        /// Whether it is done for new revocation lists, too.
        var followsRevocationLists = false
        /// Whether it is being done.
        var isRunning = false
        /// Whether it has to be done after that.
        var isWanted = false
        /// How many times in a row it has failed.
        var failures = 0
        /// When it is tried again, in Unix milliseconds.
        var retryAt = Int64.max
        /// Why the last try failed.
        var problem: String?
    }
}
