import CountersignTelemetry
import CountersignTransport
import Synchronization

/// Which refusals of callers are logged, over all workers: one of each user and reason in a while.
///
/// Users that rules name have a place apart from strangers: one person can have many users, and so use up what there is for those.
final class CallerRefusals: Sendable {
    private struct State {
        var known = RefusalLog()
        var strangers = RefusalLog()
    }

    private let state = Mutex(State())

    /// Takes a refusal.
    ///
    /// - Parameters:
    ///   - userID: whose it is; `nil` where that is not known.
    ///   - isStranger: whether no rule names the user.
    ///   - reason: why, a word of a closed set.
    /// - Returns: how many of that kind were not logged since the last one that was; `nil` when this one is not either.
    func note(_ userID: UInt32?, isStranger: Bool, _ reason: String) -> Int? {
        let now = Int64(clamping: EventLoop.monotonicNanoseconds() / 1_000_000)
        let user = userID ?? .max
        return state.withLock { state in
            isStranger ? state.strangers.note(user, reason, at: now) : state.known.note(user, reason, at: now)
        }
    }
}
