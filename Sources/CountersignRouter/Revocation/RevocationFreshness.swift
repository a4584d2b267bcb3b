import CountersignTransport
import Synchronization

/// Whether what is known of revocations is recent enough, and what follows when it is not.
///
/// Without a rule it always is: then revocations come from lists alone, or are not looked at.
package final class RevocationFreshness: Sendable {
    /// How long nothing may be heard, and what happens then.
    package struct Rule: Sendable, Hashable {
        /// The longest time since the feed was known to be complete.
        package var maximumAge: Duration
        /// Whether peers are refused then, for not knowing is not the same as not revoked; otherwise it is only told.
        package var refuses: Bool

        package init(maximumAge: Duration, refuses: Bool) {
            self.maximumAge = maximumAge
            self.refuses = refuses
        }
    }

    private let refusing = Atomic<Bool>(false)
    private let state = Mutex(State())

    package init() {}

    /// Whether peers have to be refused.
    var isRefusing: Bool { refusing.load(ordering: .relaxed) }

    /// Sets the rule; nil for none.
    ///
    /// With one that refuses, peers are refused until the first ``confirm(now:)``; with another one, the time until
    /// there is something to tell begins with this call, at `now` in monotonic nanoseconds.
    package func set(_ rule: Rule?, now: UInt64) {
        state.withLock { state in
            if state.rule == nil { state.ruledSince = now }
            if state.rule != rule { state.wasStale = false }
            state.rule = rule
        }
    }

    /// Has `onChange` called, on any thread, when what is known has become too old, and when it is recent again.
    package func observe(_ onChange: @escaping @Sendable (_ isStale: Bool) -> Void) {
        state.withLock { $0.onChange = onChange }
    }

    /// Notes that all revocations up to now are known.
    ///
    /// - Parameter now: monotonic nanoseconds.
    package func confirm(now: UInt64) {
        state.withLock { $0.confirmedAt = max($0.confirmedAt ?? 0, now) }
    }

    /// Looks at the clock.
    ///
    /// - Parameters:
    ///   - now: monotonic nanoseconds.
    ///   - apply: called when ``isRefusing`` has changed, before anybody is told: what is told is in force.
    func update(now: UInt64, apply: () -> Void) {
        let (tell, hasChanged) = state.withLock { state -> ((() -> Void)?, Bool) in
            let isStale = state.isStale(at: now)
            let refuses = isStale && (state.rule?.refuses ?? false)
            let hasChanged = refusing.exchange(refuses, ordering: .relaxed) != refuses
            guard isStale != state.wasStale else { return (nil, hasChanged) }
            state.wasStale = isStale
            let onChange = state.onChange
            return ({ onChange(isStale) }, hasChanged)
        }
        if hasChanged { apply() }
        tell?()
    }

    private struct State: Sendable {
        var rule: Rule?
        var ruledSince: UInt64 = 0
        var confirmedAt: UInt64?
        var wasStale = false
        var onChange: @Sendable (_ isStale: Bool) -> Void = { _ in }

        func isStale(at now: UInt64) -> Bool {
            guard let rule else { return false }
            guard confirmedAt != nil || !rule.refuses else { return true }
            let since = confirmedAt ?? ruledSince
            return now > since && now - since > rule.maximumAge.nanoseconds
        }
    }
}
