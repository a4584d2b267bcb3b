import CountersignIdentity
import CountersignIssuance
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
    func tell(_ kept: KeptCertificate, _ name: String) {
        engine.metrics.setExpiry(of: name, at: kept.validity.notAfter)
        health.setService(
            name,
            IdentityFacts(
                trustDomain: engine.settings.trustDomain.name,
                spiffeID: engine.registry.services[name]?.spiffeID.description ?? "",
                certificateSerial: kept.serial,
                notBefore: kept.validity.notBefore,
                notAfter: kept.validity.notAfter,
                renewAt: RenewalSchedule(
                    kept.validity,
                    rule: kept.rule,
                    jitter: Jitter(naming: name, kept.serial)
                ).renewAt / 1000
            )
        )
    }

    /// Not more than a reservation: that one service lacks its certificate is no reason to take the authority from all
    /// others.
    func tellHealth() {
        let unwell = services.filter { $0.value.machine.health(at: now) != .good }.sorted { $0.key < $1.key }
        guard let first = unwell.first else { return health.set("provisioning", .ok) }
        let health = first.value.machine.health(at: now).rawValue
        let reason = first.value.problem.map { ": \($0)" } ?? ""
        let more = unwell.count > 1 ? "; and \(unwell.count - 1) more" : ""
        self.health.set("provisioning", .degraded(reason: "\(first.key) is \(health)\(reason)\(more)"))
    }
}
