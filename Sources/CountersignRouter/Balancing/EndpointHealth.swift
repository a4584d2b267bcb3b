import CountersignTelemetry

/// What one worker knows of how an endpoint is doing: the one model for wrong identities, failures and active checks.
///
/// An endpoint serves; failures in a row, or one failure to prove who it is, eject it for a time. When that is over, one
/// request at a time tries it: success makes it serve again, failure ejects it for twice as long. Beside that, active
/// checks say whether they pass.
///
///     ejected for the …th time in a row     1   2   3   4    5    6…
///     seconds, by default                   1   2   4   8   16   30
struct EndpointHealth {
    /// Why an endpoint is ejected.
    enum Cause {
        /// It did not prove who it is, or refuses the router: it gets nothing, whatever becomes of the request.
        case identity(UpstreamFailure)
        /// It failed requests; it is a last resort.
        case failures(EndpointFault)
    }

    /// A time in which an endpoint is left out.
    struct Ejection {
        let cause: Cause
        /// When it is over, in nanoseconds of the loop.
        let until: UInt64
        /// How long it lasts, in nanoseconds.
        let length: UInt64

        /// Whether any request may try the endpoint afterwards, as none of it can be lost.
        fileprivate var isHarmlessToTry: Bool {
            switch cause {
            case .identity, .failures(.connect): true
            case .failures: false
            }
        }
    }

    /// Whether an endpoint may be given a request.
    enum Admission: Equatable {
        case open
        /// For one request, which tries whether it is well again.
        case trial
        /// When no other endpoint is left.
        case lastResort
        case barred
    }

    private enum Standing {
        case serving(faults: Int, since: UInt64)
        case ejected(Ejection)
        case onTrial(Ejection, since: UInt64)
    }

    private var standing = Standing.serving(faults: 0, since: 0)
    /// How many ejections have followed each other.
    private var repetitions = 0
    /// Whether active checks found it unwell.
    var failsChecks = false

    /// Why and until when it is left out or on trial; `nil` while it serves.
    var ejection: Ejection? {
        switch standing {
        case .serving: nil
        case .ejected(let ejection), .onTrial(let ejection, _): ejection
        }
    }

    /// Whether nothing speaks against it.
    var isClear: Bool {
        if case .serving(faults: 0, _) = standing { return !failsChecks }
        return false
    }

    /// Whether it may be given a request.
    ///
    /// - Parameters:
    ///   - now: the time, in nanoseconds of the loop.
    ///   - isRepeatable: whether the request can be sent to another endpoint when this one fails it. Others try an endpoint
    ///     that lost requests only when none that can came in as long a time again.
    func admission(now: UInt64, isRepeatable: Bool) -> Admission {
        switch standing {
        case .serving: return failsChecks ? .lastResort : .open
        case .ejected(let ejection):
            let isTryable = isRepeatable || ejection.isHarmlessToTry
            let over = isTryable ? ejection.until : ejection.until &+ ejection.length
            return now < over ? Self.leftOut(ejection) : failsChecks ? .lastResort : .trial
        case .onTrial(let ejection, let since):
            // Of a trial that nothing came of, such as one whose client went away, there is another after a while.
            return now < since &+ ejection.length ? Self.leftOut(ejection) : failsChecks ? .lastResort : .trial
        }
    }

    private static func leftOut(_ ejection: Ejection) -> Admission {
        if case .identity = ejection.cause { .barred } else { .lastResort }
    }

    /// Notes that a request is sent to it as a trial.
    mutating func beginTrial(now: UInt64) {
        guard let ejection else { return }
        standing = .onTrial(ejection, since: now)
    }

    /// Whether one fault more ejects it, if it may be ejected.
    func isOnEdge(_ rules: EjectionRules) -> Bool {
        if case .serving(let faults, _) = standing { faults + 1 >= rules.consecutiveFailures } else { false }
    }

    /// Takes a fault, of which as many in a row as the rules say eject it.
    ///
    /// - Parameter mayEject: whether it may be: no more than so many endpoints of a route are.
    /// - Returns: the ejection that begins, if one does.
    mutating func fail(_ fault: EndpointFault, now: UInt64, _ rules: EjectionRules, mayEject: Bool) -> Ejection? {
        switch standing {
        case .ejected: return nil
        case .onTrial: return eject(.failures(fault), now, rules)
        case .serving(let faults, let since):
            let sum = min(faults + 1, rules.consecutiveFailures)
            standing = .serving(faults: sum, since: since)
            guard sum >= rules.consecutiveFailures, mayEject else { return nil }
            return eject(.failures(fault), now, rules)
        }
    }

    /// Takes a failure to prove who it is, which ejects it at once.
    ///
    /// - Returns: the ejection that begins; `nil` when it is barred already.
    mutating func refuse(_ failure: UpstreamFailure, now: UInt64, _ rules: EjectionRules) -> Ejection? {
        // Failures of connections that were opened together are one.
        if case .ejected(let ejection) = standing, case .identity = ejection.cause, now < ejection.until { return nil }
        return eject(.identity(failure), now, rules)
    }

    private mutating func eject(_ cause: Cause, _ now: UInt64, _ rules: EjectionRules) -> Ejection {
        let longest = max(rules.longestTime, rules.baseTime)
        if case .serving(_, let since) = standing, longest > 0 {
            // Each of the longest times that it has served in between makes up for one ejection.
            repetitions -= min(repetitions, Int(clamping: (now &- min(since, now)) / longest))
        }
        let length = repetitions < 63 ? min(rules.baseTime << UInt64(repetitions), longest) : longest
        repetitions = min(repetitions + 1, Self.mostRepetitions)
        let ejection = Ejection(cause: cause, until: now &+ length, length: length)
        standing = .ejected(ejection)
        return ejection
    }

    /// It answered a request.
    ///
    /// - Parameter isComplete: whether to the end; only that makes up for the faults before.
    /// - Returns: whether it was ejected.
    mutating func succeed(now: UInt64, isComplete: Bool) -> Bool {
        switch standing {
        case .serving(let faults, let since):
            if isComplete, faults > 0 { standing = .serving(faults: 0, since: since) }
            return false
        case .ejected, .onTrial:
            standing = .serving(faults: 0, since: now)
            return true
        }
    }

    /// What it is measured by, or the router's own identity, has changed: it is tried anew.
    ///
    /// - Returns: whether it was ejected.
    mutating func forget() -> Bool {
        let wasEjected = ejection != nil
        standing = .serving(faults: 0, since: 0)
        repetitions = 0
        return wasEjected
    }

    private static let mostRepetitions = 20
}
