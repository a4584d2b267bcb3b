import CountersignTelemetry
import CountersignTransport
import Logging

/// Has endpoints asked whether they are well, in one place for all workers; lives on the first worker's loop.
final class HealthChecker {
    private struct Key: Hashable {
        let plan: HealthCheckPlan
        let target: UpstreamTarget
    }

    private unowned let worker: RouterWorker
    private var probes: [Key: HealthProbe] = [:]
    private var names: Set<String> = []

    init(worker: RouterWorker) {
        self.worker = worker
    }

    /// Asks the endpoints of a snapshot from now on, and no others; what is known of those that stay is kept.
    func follow(_ plans: [HealthCheckPlan]) {
        var next: [Key: HealthProbe] = [:]
        for plan in plans {
            for endpoint in plan.endpoints {
                guard let target = worker.target(of: endpoint) else { continue }
                // Endpoints may come and go without a change for the others.
                var shared = plan
                shared.endpoints = []
                let key = Key(plan: shared, target: target)
                guard next[key] == nil else { continue }
                next[key] =
                    probes.removeValue(forKey: key)
                    ?? HealthProbe(shared, endpoint, target, worker: worker) { [unowned self] probe, isGood, isChange in
                        checked(probe, isGood: isGood, isChange: isChange)
                    }
            }
        }
        let ended = Array(probes.values)
        probes = next
        for probe in ended {
            probe.stop()
            if !probe.tally.isWell { tell(of: probe.target) }
        }
        show()
    }

    /// Asks nobody any more.
    func stop() {
        for probe in probes.values { probe.stop() }
        probes = [:]
    }

    private func checked(_ probe: HealthProbe, isGood: Bool, isChange: Bool) {
        let result = isGood ? "success" : "failure"
        worker.metrics.endpoints.checks.child(probe.plan.name, result).add()
        guard isChange else { return }
        worker.logger.log(
            level: isGood ? .notice : .warning,
            isGood ? "endpoint passes its health checks again" : "endpoint fails its health checks",
            metadata: [
                "upstream": .string(probe.plan.name),
                "endpoint": .string("\(probe.target.address)"),
                "reason": .string(probe.complaint),
            ]
        )
        tell(of: probe.target)
        show()
    }

    /// Tells all workers how an endpoint is, which may be asked by several plans: it is well when all find it so.
    private func tell(of target: UpstreamTarget) {
        let isWell = probes.values.allSatisfy { $0.target != target || $0.tally.isWell }
        worker.services.sendToAll { $0.noteChecked(target, passes: isWell) }
    }

    private func show() {
        let byName = Dictionary(grouping: probes.values, by: \.plan.name)
        for name in names.subtracting(byName.keys) {
            for state in ["healthy", "unhealthy"] { worker.metrics.endpoints.checkedEndpoints.remove(name, state) }
        }
        names = Set(byName.keys)
        var complaints: [String] = []
        for (name, probes) in byName.sorted(by: { $0.key < $1.key }) {
            let unwell = probes.filter { !$0.tally.isWell }
            worker.metrics.endpoints.checkedEndpoints.child(name, "healthy").set(Double(probes.count - unwell.count))
            worker.metrics.endpoints.checkedEndpoints.child(name, "unhealthy").set(Double(unwell.count))
            guard let first = unwell.min(by: { $0.target.address.description < $1.target.address.description }) else {
                continue
            }
            complaints.append(
                "\(name): \(unwell.count) of \(probes.count) endpoints fail, such as \(first.target.address), which "
                    + first.complaint
            )
        }
        guard !names.isEmpty else {
            worker.services.health?.remove("health_checks")
            return
        }
        worker.services.health?.set(
            "health_checks",
            complaints.isEmpty ? .ok : .degraded(reason: complaints.joined(separator: "; "))
        )
    }
}

extension RouterWorker {
    /// Takes over how an endpoint is, by active checks.
    func noteChecked(_ target: UpstreamTarget, passes: Bool) {
        if passes { failingTargets.remove(target) } else { failingTargets.insert(target) }
        pools[target]?.checked(passes: passes)
    }
}
