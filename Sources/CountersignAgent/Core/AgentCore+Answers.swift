import CountersignFiles
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Logging

extension AgentCore {
    /// Takes what came of a request.
    func takeAnswer(
        _ name: String,
        _ result: Result<ObtainedIdentity, AuthorityCallError>,
        at now: Int64
    ) {
        // The service may have been removed meanwhile.
        guard let identity = identity(named: name) else { return }
        switch result {
        case .success(let answer):
            // Before the certificate that perhaps only it vouches for.
            if let pem = answer.trustBundle { takeBundle(.success(pem), at: now) }
            if identity.isOnHold(at: now) {
                // It was asked for before the hold; after it, it is asked for again.
                act(on: identity, .failed(retryAfter: nil), at: now)
            } else if isSpoilt(answer.identity, for: identity) {
                askAgain(for: identity)
            } else if let watch = answer.watch, !watch.isQuiet, !identity.isRevoked {
                askAgain(for: identity, keepingKey: true)
            } else {
                judge(answer.identity, for: identity, at: now)
            }
        case .failure(let error):
            fail(identity, error, at: now)
            if identity !== own, error.code == .unauthorized { doubtOwn(error, at: now) }
        }
    }

    /// Judges the certificates that waited for a newer trust bundle.
    func judgeUnverified(at now: Int64) {
        for identity in [own] + services {
            guard let answer = identity.unverified else { continue }
            identity.unverified = nil
            if identity.isOnHold(at: now) {
                act(on: identity, .failed(retryAfter: nil), at: now)
            } else if isSpoilt(answer, for: identity) {
                askAgain(for: identity)
            } else if let fault = trust.fault(of: answer, now: now) {
                fail(
                    identity,
                    AuthorityCallError(.malformed, "the authority's certificate is not vouched for: \(fault)"),
                    at: now
                )
            } else {
                adopt(answer, for: identity, at: now)
            }
        }
    }

    /// Notes a failure and has it tried again.
    func fail(_ identity: ManagedIdentity, _ error: AuthorityCallError, at now: Int64) {
        if identity === own, error.isRefusal, let shownToken { refusedToken = shownToken }
        // What a token is refused for says nothing about the certificate.
        if identity === own, error.code == .unauthorized, shownToken == nil { own.isUnaccepted = true }
        identity.problem = error
        surroundings.metrics.rotations.child(label(of: identity), "failure").add()
        surroundings.metrics.authorityErrors.child(error.code.rawValue).add()
        act(on: identity, .failed(retryAfter: error.retryAfter), at: now)
        surroundings.logger.warning(
            "certificate not renewed",
            metadata: [
                "service": .string(label(of: identity)),
                "reason": .string(error.message),
                "failures": .stringConvertible(identity.machine.failures),
            ]
        )
    }

    /// Puts a certificate in place.
    func adopt(_ answer: HeldIdentity, for identity: ManagedIdentity, at now: Int64) {
        let isOwn = identity === own
        // A token works once: what it was exchanged for is used even while it cannot be written.
        if isOwn {
            identity.held = answer
            identity.isUnaccepted = false
        }
        do {
            if isOwn { try useAccess() }
            try directory.publish(answer, as: identity.name, access: identity.keyAccess)
        } catch {
            identity.unwritten = answer
            fail(identity, AuthorityCallError(.local, "the new certificate is not in place: \(error)"), at: now)
            if isOwn { resumeServices(at: now) }
            return
        }
        identity.unwritten = nil
        identity.held = answer
        identity.problem = nil
        identity.revocation = isOwn ? nil : known.reason(of: answer)
        act(on: identity, issued(answer, to: identity), at: now)
        tellIssued(answer, to: identity)
        if isOwn { resumeServices(at: now) } else { wantReload(of: identity) }
    }

    /// What an identity's machine is to know of a certificate.
    func issued(_ held: HeldIdentity, to identity: ManagedIdentity) -> RenewalStateMachine.Event {
        let service = settings.services.first { $0.name == identity.name }
        return .issued(
            held.validity,
            rule: service?.rule ?? held.note.rule,
            jitter: Jitter(naming: settings.hostName, identity.name, held.serial)
        )
    }

    /// The name of an identity for people.
    func label(of identity: ManagedIdentity) -> String {
        identity === own ? "agent" : identity.name
    }

    private func judge(_ answer: HeldIdentity, for identity: ManagedIdentity, at now: Int64) {
        guard now < answer.validity.end else {
            let end = CalendarTime(unixSeconds: answer.leaf.notAfter).rfc3339
            let message = "the certificate that the authority sent ended at \(end); is the clock of this host right?"
            fail(identity, AuthorityCallError(.malformed, message), at: now)
            return
        }
        if trust.fault(of: answer, now: now) == nil {
            adopt(answer, for: identity, at: now)
        } else {
            // The authority may have a new root.
            identity.unverified = answer
            fetchBundle()
        }
    }

    /// Services failed while the agent could not call; now it can.
    private func resumeServices(at now: Int64) {
        bundle.nextAt = .min
        for identity in services { act(on: identity, .unblocked, at: now) }
    }
}
