/// Decides when a certificate is asked for, tried again, and what to say about it; does nothing by itself.
///
/// Every event comes with the time in Unix milliseconds, which may also go back. At most one request is outstanding.
package struct RenewalStateMachine: Sendable {
    /// What happened.
    package enum Event: Sendable, Hashable {
        /// Time has passed.
        case clock
        /// A certificate was obtained, with the rule by which it is renewed.
        case issued(IssuedValidity, rule: RenewalRule, jitter: Jitter)
        /// The outstanding request came to nothing; whoever refused it may ask for a pause in milliseconds.
        case failed(retryAfter: Int64?)
        /// Somebody wants a new certificate now.
        case demanded
        /// What made earlier requests fail is mended: no need to wait.
        case unblocked
    }

    /// What is to be done.
    package enum Action: Sendable, Hashable {
        /// Ask for a certificate, for the nth time in a row, counted from 1.
        case request(attempt: Int)
        /// Come back with ``Event/clock`` at this moment, or earlier.
        case wait(until: Int64)
        /// The health has changed.
        case report(RenewalHealth)
    }

    /// Where the machine is.
    package enum Phase: String, Sendable, CaseIterable {
        case fresh
        /// A new certificate is needed, and the next event asks for it.
        case due
        case renewing
        case retrying
        /// What is held is not valid any more, whatever is being done about it.
        case expired
    }

    /// The plan of the certificate that is held; nil when there is none.
    package private(set) var schedule: RenewalSchedule?
    /// How many requests have failed in a row.
    package private(set) var failures = 0

    private enum Activity: Sendable, Hashable {
        case idle
        case requesting
        case pausing(until: Int64)
    }

    private let backoff: RetryBackoff
    private let reserve: Double
    private var jitter: Jitter
    private var activity = Activity.idle
    private var isDemanded = false
    private var reported: RenewalHealth?

    /// The longest pause that a refusal may ask for, in milliseconds.
    package static let longestRetryAfter: Int64 = 3_600_000

    /// A machine that holds no certificate; ``Event/issued(_:rule:jitter:)`` gives it one that is there already.
    ///
    /// - Parameters:
    ///   - backoff: how long to wait after a failure.
    ///   - jitter: spreads retries until a certificate brings its own.
    ///   - reserve: the part of a lifetime, between 0 and 1, below which a certificate that was not renewed is alarming.
    package init(
        backoff: RetryBackoff = RetryBackoff(),
        jitter: Jitter,
        reserve: Double = RenewalSchedule.defaultReserve
    ) {
        self.backoff = backoff
        self.jitter = jitter
        self.reserve = reserve
    }

    /// Takes an event and answers what is to be done, in order.
    package mutating func handle(_ event: Event, at now: Int64) -> [Action] {
        take(event, at: now)
        var actions: [Action] = []
        if wantsRequest(at: now) {
            activity = .requesting
            isDemanded = false
            actions.append(.request(attempt: failures + 1))
        }
        let health = self.health(at: now)
        if health != reported {
            reported = health
            actions.append(.report(health))
        }
        if let moment = nextMoment(after: now) { actions.append(.wait(until: moment)) }
        return actions
    }

    /// The phase at a moment.
    package func phase(at now: Int64) -> Phase {
        if schedule?.isExpired(at: now) ?? false { return .expired }
        switch activity {
        case .requesting: return .renewing
        case .pausing: return .retrying
        case .idle: return needsCertificate(at: now) ? .due : .fresh
        }
    }

    /// The health at a moment.
    package func health(at now: Int64) -> RenewalHealth {
        guard let schedule else { return .absent }
        if schedule.isExpired(at: now) { return .expired }
        if now >= schedule.endangeredAt { return .endangered }
        return failures > 0 ? .late : .good
    }

    private mutating func take(_ event: Event, at now: Int64) {
        switch event {
        case .clock:
            break
        case .issued(let validity, let rule, let jitter):
            self.jitter = jitter
            schedule = RenewalSchedule(validity, rule: rule, jitter: jitter, reserve: reserve)
            failures = 0
            isDemanded = false
            activity = .idle
        case .failed(let retryAfter):
            guard activity == .requesting else { return }
            failures += 1
            let wanted = min(max(retryAfter ?? 0, 0), Self.longestRetryAfter)
            activity = .pausing(until: now + max(pause(at: now), wanted))
        case .demanded:
            isDemanded = activity != .requesting
        case .unblocked:
            if case .pausing = activity { activity = .pausing(until: now) }
        }
    }

    private mutating func wantsRequest(at now: Int64) -> Bool {
        switch activity {
        case .requesting:
            return false
        case .idle:
            return needsCertificate(at: now)
        case .pausing(let until):
            // After the clock was set back, a pause would last as long as it was set back by.
            let latest = now + max(backoff.longest, Self.longestRetryAfter)
            if until > latest { activity = .pausing(until: latest) }
            return until <= now || isDemanded
        }
    }

    private func needsCertificate(at now: Int64) -> Bool {
        guard let schedule else { return true }
        return isDemanded || now >= schedule.renewAt
    }

    private func pause(at now: Int64) -> Int64 {
        backoff.pause(afterFailures: failures, remaining: (schedule?.end ?? now) - now, jitter: jitter)
    }

    private func nextMoment(after now: Int64) -> Int64? {
        let ofSchedule: Int64? =
            switch activity {
            case .idle: schedule?.nextMoment(after: now)
            // The moment of renewing has come already.
            case .requesting, .pausing: schedule.flatMap { plan in [plan.endangeredAt, plan.end].first { $0 > now } }
            }
        guard case .pausing(let until) = activity else { return ofSchedule }
        return min(until, ofSchedule ?? until)
    }
}
