import Synchronization

/// What the process tells those who ask whether it is alive and ready.
///
/// Alive is false only when a restart would help. Ready is true once started, while not draining, and while no
/// component has failed; a degraded component, such as a refused new configuration, shows its reason and nothing more.
package final class HealthState: Sendable {
    private let clock: @Sendable () -> Int64
    private let state = Mutex(State())

    /// Creates the state of a process that is alive, starting, and has no components.
    ///
    /// - Parameter clock: Nanoseconds since 1970.
    package init(clock: @escaping @Sendable () -> Int64 = { WallClock.nanoseconds() }) {
        self.clock = clock
    }

    /// Says that the process has begun to serve.
    package func markStarted() {
        self.state.withLock { $0.phase = .serving }
    }

    /// Says that the process is going to stop: it is not ready any more, whatever its components say.
    package func markDraining() {
        self.state.withLock { $0.phase = .draining }
    }

    /// Says that only a restart helps.
    ///
    /// - Parameter reason: What happened.
    package func markDead(reason: String) {
        self.state.withLock { $0.deathReason = reason }
    }

    /// Sets how a component is; it appears with the first call.
    ///
    /// - Parameters:
    ///   - name: The component's name, a constant of the code.
    ///   - status: How it is.
    package func set(_ name: String, _ status: ComponentStatus) {
        self.state.withLock { $0.components[name] = status }
    }

    /// How a component was said to be last; nil when nothing was said of it.
    ///
    /// - Parameter name: The component's name.
    package func status(of name: String) -> ComponentStatus? { self.state.withLock { $0.components[name] } }

    /// Forgets a component that the process has no longer.
    package func remove(_ name: String) {
        self.state.withLock { $0.components[name] = nil }
    }

    /// Sets the certificate that the process presents; nil when it has no identity.
    package func setIdentity(_ facts: IdentityFacts?) {
        self.state.withLock { $0.identity = facts }
    }

    /// Sets the certificate that the process keeps for a service of the configuration; nil while it has none yet.
    package func setService(_ name: String, _ facts: IdentityFacts?) {
        self.state.withLock { _ = $0.services.updateValue(facts, forKey: name) }
    }

    /// Forgets a service.
    package func removeService(_ name: String) {
        self.state.withLock { $0.services[name] = nil }
    }

    /// Whether a restart would not help.
    package var isLive: Bool { self.state.withLock { $0.deathReason == nil } }

    /// Whether requests should be sent here.
    package var isReady: Bool { self.state.withLock { $0.isReady } }

    /// The status of the process's identity now.
    package var identity: IdentityStatus {
        let now = self.clock() / 1_000_000_000
        return self.state.withLock { $0.identity?.status(at: now) ?? .disabled }
    }

    /// The answer to `/health/live`.
    package func liveReport() -> HealthReport {
        let reason = self.state.withLock { $0.deathReason }
        return Self.report(isWell: reason == nil) { json in
            json.member("status", reason == nil ? "live" : "dead")
            if let reason {
                json.member("reason", reason)
            }
        }
    }

    /// The answer to `/health/ready`.
    package func readyReport() -> HealthReport {
        let state = self.state.withLock { $0 }
        return Self.report(isWell: state.isReady) { json in
            json.member("status", state.word)
            state.renderComponents(into: &json)
        }
    }

    /// The answer to `/health`: everything, with the identity and those kept for services; its HTTP status is that of readiness.
    package func fullReport() -> HealthReport {
        let state = self.state.withLock { $0 }
        let now = self.clock() / 1_000_000_000
        let identity = state.identity?.status(at: now) ?? .disabled
        return Self.report(isWell: state.isReady) { json in
            json.member("status", state.word)
            json.member("live", state.deathReason == nil)
            json.member("ready", state.isReady)
            state.renderComponents(into: &json)
            json.object("identity") { identity.render(into: &$0) }
            state.renderServices(into: &json, at: now)
        }
    }

    private static func report(isWell: Bool, _ body: (inout JSONObjectWriter) -> Void) -> HealthReport {
        HealthReport(status: isWell ? 200 : 503, body: JSONObjectWriter.render(body))
    }

    private struct State: Sendable {
        var phase = Phase.starting
        var components: [String: ComponentStatus] = [:]
        var identity: IdentityFacts?
        var services: [String: IdentityFacts?] = [:]
        var deathReason: String?

        var hasFailure: Bool {
            self.components.values.contains { if case .failed = $0 { true } else { false } }
        }

        var isReady: Bool { self.phase == .serving && self.deathReason == nil && !self.hasFailure }

        var word: String {
            switch self.phase {
            case _ where self.deathReason != nil: "dead"
            case .starting: "starting"
            case .draining: "draining"
            case .serving where self.hasFailure: "failed"
            case .serving: self.components.values.contains { $0 != .ok } ? "degraded" : "ready"
            }
        }

        func renderServices(into json: inout JSONObjectWriter, at now: Int64) {
            guard !self.services.isEmpty else { return }
            json.object("services") { json in
                for (name, facts) in self.services.sorted(by: { $0.key < $1.key }) {
                    json.object(name) { (facts?.status(at: now) ?? .awaited).render(into: &$0) }
                }
            }
        }

        func renderComponents(into json: inout JSONObjectWriter) {
            json.object("components") { json in
                for (name, status) in self.components.sorted(by: { $0.key < $1.key }) {
                    json.object(name) { json in
                        json.member("status", "\(status.word)")
                        if let reason = status.reason {
                            json.member("reason", reason)
                        }
                    }
                }
            }
        }
    }

    private enum Phase: Sendable {
        case starting
        case serving
        case draining
    }
}
