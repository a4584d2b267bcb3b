import CountersignIssuance
import CountersignPKI
import Logging

extension AgentCore {
    /// Takes what the authority says of revocations; only what is about a certificate of a service here matters.
    func takeRevocations(_ news: RevocationNews, at now: Int64) {
        wantRevocationLists(for: news)
        switch news {
        case .change(let entry):
            mark([entry], at: now)
        case .all(let entries):
            known.clear()
            let marked = mark(entries, at: now)
            // That a hold has ended may have been told while nobody listened.
            for identity in services where identity.revocation == .certificateHold && !marked.contains(identity.name) {
                release(identity, at: now)
            }
        }
    }

    /// Looks whether something is known against a certificate that was there before the agent looked after it.
    ///
    /// Until the authority has told all that is in force, the lists that a former process has left say what is known.
    func recallRevocation(of identity: ManagedIdentity, at now: Int64) {
        guard let held = identity.held else { return }
        let reason = known.isComplete ? known.reason(of: held) : known.reason(of: held) ?? listedReason(of: held)
        guard let reason else { return }
        mark(identity, held, reason, at: now)
    }

    /// Whether a certificate that has come must not be put in place: it is revoked already, or its key is that of a
    /// revoked one.
    func isSpoilt(_ answer: HeldIdentity, for identity: ManagedIdentity) -> Bool {
        guard identity !== own else { return false }
        if let reason = known.reason(of: answer), reason != .certificateHold {
            identity.revokedKeys.insert(answer.leaf.publicKey.derEncoded)
        }
        return identity.hasRevokedKey(answer)
    }

    /// Finds out now, not when its own certificate is due, whether the agent is still known: the authority does not accept
    /// the certificate that it has shown, as after a revocation.
    func doubtOwn(_ error: AuthorityCallError, at now: Int64) {
        guard own.problem == nil, canCall else { return }
        own.problem = error
        act(on: own, .demanded, at: now)
    }

    /// Marks the services whose certificates are among the entries.
    ///
    /// - Returns: their names.
    @discardableResult
    private func mark(_ entries: [RevokedSerial], at now: Int64) -> Set<String> {
        let holders = Dictionary(grouping: services.filter { $0.held != nil }) { $0.held?.serial ?? "" }
        var marked: Set<String> = []
        for entry in entries {
            known.take(entry)
            for identity in holders[entry.serial] ?? [] {
                guard let held = identity.held, entry.concerns(held.leaf) else { continue }
                mark(identity, held, entry.reason, at: now)
                marked.insert(identity.name)
            }
        }
        return marked
    }

    private func mark(_ identity: ManagedIdentity, _ held: HeldIdentity, _ reason: RevocationReason, at now: Int64) {
        switch reason {
        case .removeFromCRL:
            if identity.revocation == .certificateHold { release(identity, at: now) }
        case .certificateHold:
            guard identity.revocation == nil else { return }
            identity.revocation = reason
            tell("certificate is on hold", held, of: identity)
            // Nothing is to be done before it ends.
            act(on: identity, .clock, at: now)
        default:
            guard !identity.isRevoked else { return }
            identity.revocation = reason
            identity.revokedKeys.insert(held.leaf.publicKey.derEncoded)
            tell("certificate is revoked", held, of: identity)
            act(on: identity, .demanded, at: now)
        }
    }

    private func release(_ identity: ManagedIdentity, at now: Int64) {
        identity.revocation = nil
        surroundings.logger.notice(
            "certificate is good again",
            metadata: ["service": .string(identity.name), "serial": .string(identity.held?.serial ?? "")]
        )
        let isDemanded = identity.isRotationPutOff
        identity.isRotationPutOff = false
        act(on: identity, isDemanded ? .demanded : .clock, at: now)
    }

    private func tell(_ message: Logger.Message, _ held: HeldIdentity, of identity: ManagedIdentity) {
        surroundings.logger.warning(
            message,
            metadata: [
                "service": .string(identity.name),
                "serial": .string(held.serial),
                "reason": .string(identity.revocation?.name ?? ""),
            ]
        )
    }
}
