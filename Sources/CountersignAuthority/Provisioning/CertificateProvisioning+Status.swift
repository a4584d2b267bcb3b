import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Logging

extension CertificateProvisioning {
    /// Has the trust bundle in place.
    ///
    /// - Returns: whether it is; certificates come after it.
    func putBundle() -> Bool {
        let pem = engine.issuer.trustBundlePEM
        guard bundle != pem else { return true }
        do {
            try place.putTrustBundle(pem)
            bundle = pem
            return true
        } catch {
            health.set("provisioning", .degraded(reason: "\(error)"))
            engine.logger.error("the trust bundle cannot be written", metadata: ["reason": "\(error)"])
            return false
        }
    }

    /// Says in metrics and health what is in place.
    func tell(_ kept: KeptCertificate, _ name: String, _ revocation: RevocationReason?) {
        engine.metrics.setExpiry(of: name, at: kept.validity.notAfter)
        let schedule = RenewalSchedule(kept.validity, rule: kept.rule, jitter: Jitter(naming: name, kept.serial))
        let isRevoked = revocation != nil && revocation != .certificateHold
        health.setService(
            name,
            IdentityFacts(
                trustDomain: engine.settings.trustDomain.name,
                spiffeID: engine.registry.services[name]?.spiffeID.description ?? "",
                certificateSerial: kept.serial,
                notBefore: kept.validity.notBefore,
                notAfter: kept.validity.notAfter,
                renewAt: isRevoked ? .min : schedule.renewAt / 1000,
                isRevoked: revocation != nil
            )
        )
    }

    /// Says how all services are, in metrics and health.
    ///
    /// Not more than a reservation: that one service lacks its certificate is no reason to take the authority from all
    /// others.
    func tellHealth() {
        var counts: [KeptState: Double] = [:]
        for service in services.values { counts[service.state(at: now), default: 0] += 1 }
        for state in KeptState.allCases { engine.metrics.kept.child(state.rawValue).set(counts[state] ?? 0) }
        let unwell = services.filter { $0.value.state(at: now) != .good }.sorted { $0.key < $1.key }
        guard let first = unwell.first else { return health.set("provisioning", .ok) }
        let reason = first.value.problem.map { ": \($0)" } ?? ""
        let more = unwell.count > 1 ? "; and \(unwell.count - 1) more" : ""
        health.set("provisioning", .degraded(reason: "\(first.key) is \(first.value.words(at: now))\(reason)\(more)"))
    }
}

extension ProvisionedService {
    /// How it is at a moment in Unix milliseconds.
    fileprivate func state(at now: Int64) -> KeptState {
        if isOnHold { return .held }
        return isRevoked ? .revoked : KeptState(machine.health(at: now))
    }

    fileprivate func words(at now: Int64) -> String {
        switch state(at: now) {
        case .held: "on hold"
        case .revoked: "revoked (\(revocation?.name ?? ""))"
        case let other: other.rawValue
        }
    }
}
