import CountersignIssuance
import CountersignTelemetry
import Logging

extension AgentCore {
    /// Has the consumer of an identity told; at most one telling runs at a time, and another follows when it is needed.
    func wantReload(of identity: ManagedIdentity) {
        guard identity.reload.action != nil else { return }
        identity.reload.isWanted = true
        if !identity.reload.isRunning { startReload(of: identity) }
    }

    /// Starts to tell the consumer of an identity.
    func startReload(of identity: ManagedIdentity) {
        identity.reload.retryAt = .max
        guard let action = identity.reload.action else { return }
        identity.reload.isRunning = true
        identity.reload.isWanted = false
        let paths = ReloadPaths(service: identity.name, directory: directory.path)
        worker.run(.reload) { [reload = surroundings.reload] in
            .reloaded(name: paths.service, reload(action, paths))
        }
    }

    /// Takes what came of telling a consumer; a failure is tried again.
    func takeReloadOutcome(_ name: String, _ outcome: ReloadOutcome, at now: Int64) {
        guard let identity = identity(named: name) else { return }
        identity.reload.isRunning = false
        switch outcome {
        case .done(let output):
            identity.reload.failures = 0
            identity.reload.problem = nil
            surroundings.metrics.reloads.child(name, "success").add()
            surroundings.logger.info("consumer told", metadata: ["service": .string(name), "output": .string(output)])
            // One that is told of the generation before is told again.
            if !identity.reload.isWanted { try? directory.markReloaded(name) }
        case .failed(let reason, let output):
            identity.reload.failures += 1
            identity.reload.problem = reason
            identity.reload.retryAt =
                now
                + settings.backoff.pause(
                    afterFailures: identity.reload.failures,
                    remaining: (identity.held?.validity.end ?? now) - now,
                    jitter: Jitter(naming: settings.hostName, name, "reload")
                )
            surroundings.metrics.reloads.child(name, "failure").add()
            surroundings.logger.warning(
                "consumer not told",
                metadata: ["service": .string(name), "reason": .string(reason), "output": .string(output)]
            )
        }
        if identity.reload.isWanted { startReload(of: identity) }
    }
}
