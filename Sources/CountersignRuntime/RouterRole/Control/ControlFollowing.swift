import CountersignControlModel
import CountersignPolicy
import CountersignRouter
import CountersignRouting
import CountersignTelemetry
import Logging

/// Has a router take routes from the control plane that its configuration names, from one configuration to the next.
final class ControlFollowing {
    private let health: HealthState
    private let metrics: ControlMetrics
    private let names: NameResolver
    private let logger: Logger
    private var table: ControlledTable?
    private var plan: ControlFeedPlan?
    private var follower: ControlFollower?

    init(health: HealthState, metrics: ControlMetrics, names: NameResolver, logger: Logger) {
        self.health = health
        self.metrics = metrics
        self.names = names
        self.logger = logger
    }

    /// Prepares to take routes from the control plane of a configuration, and from no other.
    ///
    /// What its copy has counts at once then. Without a control plane, routes of the one before end.
    ///
    /// - Returns: what takes effect when it is called.
    /// - Throws: what keeps the connection from being set up, or the copy from being read; the earlier one is followed on
    ///   then. What is returned throws only when no thread can be made.
    func prepare(_ next: ControlFeedPlan?, for router: Router) throws -> () throws -> Void {
        if let next, let plan, follower != nil, next.isSameSource(as: plan) { return {} }
        guard let next else { return { [self] in forget() } }
        let source = try HTTPControlSource(next)
        var copy = ControlCopy(path: next.copy)
        let kept = try copy.load()
        return { [self] in
            // The earlier one has said its last word before the next one begins, so that their words do not mix.
            stop()
            var newest = copy
            if plan?.copy == next.copy, let last = try? newest.load() {
                try begin(next, source, newest, last, for: router)
            } else {
                try begin(next, source, copy, kept, for: router)
            }
        }
    }

    private func forget() {
        stop()
        table?.apply(RoutingPosition.Batch(isReset: true))
        plan = nil
        health.remove("control")
    }

    private func begin(
        _ next: ControlFeedPlan,
        _ source: HTTPControlSource,
        _ copy: ControlCopy,
        _ kept: (position: RoutingPosition, content: ControlledContent),
        for router: Router
    ) throws {
        plan = next
        let logger = self.logger
        let table = self.table ?? ControlledTable(router: router, names: names, logger: logger)
        self.table = table
        table.apply(kept.content.whole, isKnown: kept.position.known != nil)
        logger.notice(
            "routes of the control plane are taken from the copy",
            metadata: ["routes": .stringConvertible(kept.content.routes.count), "path": .string(next.copy)]
        )
        if let damage = copy.damage {
            logger.error(
                "the copy of the control plane's routes does not count; everything is asked for",
                metadata: ["reason": .string(damage)]
            )
        }
        let (health, metrics) = (self.health, self.metrics)
        metrics.sequence.set(Double(kept.position.known?.sequence ?? 0))
        Self.hear(health, "it has not been heard yet", isKnown: kept.position.known != nil, copy.damage)
        follower = try ControlFollower(
            source: source,
            copy: copy,
            position: kept.position,
            content: kept.content,
            sink: ControlFollower.Sink(
                apply: { table.apply($0) },
                hear: { trouble, isKnown, copyTrouble in
                    metrics.connected.set(trouble == nil ? 1 : 0)
                    Self.hear(health, trouble, isKnown: isKnown, copyTrouble)
                },
                reach: { metrics.sequence.set(Double($0)) }
            ),
            logger: logger
        )
    }

    /// Ends the following; the routes stay as they are.
    func stop() {
        follower?.stop()
        follower = nil
        metrics.connected.set(0)
    }

    private static func hear(_ health: HealthState, _ trouble: String?, isKnown: Bool, _ copyTrouble: String?) {
        guard let trouble else {
            health.set("control", copyTrouble.map { .degraded(reason: $0) } ?? .ok)
            return
        }
        let reason = "the control plane is not heard: \(trouble)" + (copyTrouble.map { "; \($0)" } ?? "")
        health.set(
            "control",
            isKnown
                ? .degraded(reason: "\(reason); its last word counts") : .failed(reason: "\(reason); no route is known")
        )
    }
}
