import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Logging

extension AgentCore {
    /// Says how everything is, to those who ask the process for its health.
    func tellStatus(at now: Int64) {
        let health = surroundings.health
        health.setIdentity(own.held.map { facts(of: $0, own) })
        for service in services {
            health.setService(service.name, service.held.map { facts(of: $0, service) })
        }
        health.set("agent", status(of: [own], at: now))
        health.set("certificates", status(of: services, at: now))
        health.set("bundle", bundle.problem.map { .degraded(reason: $0) } ?? .ok)
        health.set("revocation_lists", lists.problem.map { .degraded(reason: $0) } ?? .ok)
        let untold = services.compactMap { service in service.reload.problem.map { "\(service.name): \($0)" } }
        health.set("reload", untold.isEmpty ? .ok : .degraded(reason: Self.list(untold)))
    }

    /// Says in the log that an identity's health has changed.
    func tellHealth(_ state: RenewalHealth, of identity: ManagedIdentity) {
        let name = label(of: identity)
        switch state {
        case .good, .absent:
            break
        case .late:
            surroundings.logger.notice("certificate is renewed late", metadata: ["service": .string(name)])
        case .endangered, .expired:
            surroundings.logger.error(
                state == .expired ? "certificate has expired" : "certificate is about to expire",
                metadata: ["service": .string(name), "reason": .string(identity.problem?.message ?? "")]
            )
        }
    }

    /// Counts and logs a certificate that was put in place.
    func tellIssued(_ held: HeldIdentity, to identity: ManagedIdentity) {
        let name = label(of: identity)
        surroundings.metrics.rotations.child(name, "success").add()
        surroundings.logger.info(
            "certificate renewed",
            metadata: [
                "service": .string(name),
                "serial": .string(held.serial),
                "spiffe_id": .string(held.spiffeID?.description ?? ""),
                "not_after": .string(CalendarTime(unixSeconds: held.leaf.notAfter).rfc3339),
            ]
        )
    }

    /// Forgets a service that the agent does not look after any more; its files stay.
    func forget(_ name: String) {
        surroundings.health.removeService(name)
        surroundings.metrics.certificateExpiry.remove(name)
    }

    private func facts(of held: HeldIdentity, _ identity: ManagedIdentity) -> IdentityFacts {
        // Nanoseconds of 64 bits end in the year 2262; certificates may end later.
        let end = min(held.leaf.notAfter, Int64.max / 1_000_000_000)
        surroundings.metrics.certificateExpiry.child(label(of: identity)).set(end * 1_000_000_000)
        return IdentityFacts(
            trustDomain: held.spiffeID?.trustDomain.name ?? "",
            spiffeID: held.spiffeID?.description ?? "",
            certificateSerial: held.serial,
            notBefore: held.leaf.notBefore,
            notAfter: held.leaf.notAfter,
            renewAt: identity.isRevoked ? .min : identity.machine.schedule.map { ($0.renewAt + 999) / 1000 },
            isRevoked: identity.revocation != nil || identity.isUnaccepted
        )
    }

    private func status(of identities: [ManagedIdentity], at now: Int64) -> ComponentStatus {
        let unwell = identities.compactMap { identity -> (isAlarming: Bool, text: String)? in
            let health = identity.machine.health(at: now)
            let objection = Self.objection(to: identity, at: now)
            guard health != .good || objection != nil else { return nil }
            let reason = identity.problem.map { ": \($0.message)" } ?? ""
            let words = objection ?? Self.words(for: health)
            return (health.isAlarming || objection != nil, "\(label(of: identity)) is \(words)\(reason)")
        }
        guard !unwell.isEmpty else { return .ok }
        let reason = Self.list(unwell.filter(\.isAlarming).map(\.text) + unwell.filter { !$0.isAlarming }.map(\.text))
        return unwell.contains(where: \.isAlarming) ? .failed(reason: reason) : .degraded(reason: reason)
    }

    /// What the authority has against the certificate that is held; nil when it has nothing.
    private static func objection(to identity: ManagedIdentity, at now: Int64) -> String? {
        if identity.isOnHold(at: now) { return "on hold" }
        if identity.isRevoked, let reason = identity.revocation { return "revoked (\(reason.name))" }
        return identity.isUnaccepted ? "not accepted by the authority" : nil
    }

    private static func words(for health: RenewalHealth) -> String {
        switch health {
        case .absent: "without a certificate"
        case .good: "well"
        case .late: "renewed late"
        case .endangered: "about to expire"
        case .expired: "expired"
        }
    }

    private static func list(_ texts: [String]) -> String {
        let shown = texts.prefix(5).joined(separator: "; ")
        return texts.count > 5 ? "\(shown); and \(texts.count - 5) more" : shown
    }
}
