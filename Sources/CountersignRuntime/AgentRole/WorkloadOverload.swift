import CountersignAgent
import CountersignGRPCServer
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// Tells the operator that callers of the Workload API are refused because there are too many of them.
///
/// The first refusal is a warning and makes the component `workload_api` degraded, which ends once none has been for a while;
/// all are counted.
final class WorkloadOverload: Sendable {
    private struct State {
        var last = Int64.min
        var isTold = false
    }

    private let metrics: WorkloadMetrics
    private let health: HealthState
    private let logger: Logger
    private let stopped: Completion
    private let work = BackgroundWork(name: "workload-health", maximumThreads: 1, limit: 1)
    private let state = Mutex(State())

    /// How long there has to be no refusal, in milliseconds.
    private static let calm: Int64 = 30_000

    /// - Parameters:
    ///   - metrics: where refusals are counted.
    ///   - health: where the component is.
    ///   - logger: where the first one is told.
    ///   - stopped: the API has ended.
    init(metrics: WorkloadMetrics, health: HealthState, logger: Logger, stopped: Completion) {
        self.metrics = metrics
        self.health = health
        self.logger = logger
        self.stopped = stopped
    }

    /// Takes a refusal; does not block.
    func note(_ overload: GRPCOverload) {
        metrics.overloads.child(overload.label).add()
        let isFirst = state.withLock { state in
            state.last = Self.milliseconds
            defer { state.isTold = true }
            return !state.isTold
        }
        guard isFirst else { return }
        logger.warning("workload api refuses callers", metadata: ["reason": .string(overload.explanation)])
        health.set("workload_api", .degraded(reason: overload.explanation))
        guard !work.run({ [weak self] in self?.waitForCalm() }) else { return }
        state.withLock { $0.isTold = false }
    }

    private func waitForCalm() {
        while true {
            let left = state.withLock { state -> Int64 in
                let left = state.last + Self.calm - Self.milliseconds
                if left <= 0 { state.isTold = false }
                return left
            }
            guard left > 0 else { break }
            if stopped.wait(upTo: .milliseconds(left)) { return }
        }
        health.set("workload_api", .ok)
    }

    private static var milliseconds: Int64 { Int64(clamping: EventLoop.monotonicNanoseconds() / 1_000_000) }
}

extension GRPCOverload {
    /// The reason as a metric's label.
    fileprivate var label: String {
        switch self {
        case .connectionsOfAccount: "connections_of_user"
        case .connections: "connections"
        case .callsOfAccount: "calls_of_user"
        }
    }

    fileprivate var explanation: String {
        switch self {
        case .connectionsOfAccount(let account):
            "\(account.name) all the connections that one user may have; more are refused"
        case .connections: "too many connections are open; more are refused"
        case .callsOfAccount(let account):
            "\(account.name) all the calls open that one user may have; more are refused"
        }
    }
}

extension GRPCAccount {
    /// The beginning of a sentence on what it has.
    fileprivate var name: String {
        switch self {
        case .user(let userID): "uid \(userID) has"
        case .strangers: "users for whom there is no rule together have"
        }
    }
}
