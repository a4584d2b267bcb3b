/// When an issuer is asked for its key set; it reads no clock.
package struct KeySetSchedule: Sendable {
    /// The seconds between two looks.
    package let refreshSeconds: Int64
    private var last: Int64?
    private var next: Int64 = 0
    private var failures: Int64 = 0
    private var seenUnknown: UInt64 = 0

    /// A schedule that begins at once.
    package init(refreshSeconds: Int64) {
        self.refreshSeconds = refreshSeconds
    }

    /// Whether the issuer is to be asked.
    ///
    /// - Parameters:
    ///   - now: a time in seconds that never goes back.
    ///   - unknownKeys: how many tokens have named a key that is not there; less than before means another count.
    package func isDue(at now: Int64, unknownKeys: UInt64) -> Bool {
        guard let last else { return true }
        if now >= next { return true }
        let isWanted = unknownKeys > 0 && unknownKeys != seenUnknown
        return isWanted && now >= last + Self.shortest
    }

    /// Takes note that the issuer was asked: again after a while, and after a failure sooner, from 1 second doubled with
    /// each up to a minute.
    package mutating func asked(at now: Int64, unknownKeys: UInt64, isGood: Bool) {
        last = now
        seenUnknown = unknownKeys
        failures = isGood ? 0 : failures + 1
        let pause = isGood ? refreshSeconds : min(refreshSeconds, min(1 << min(failures - 1, 6), 60))
        let (due, isBeyond) = now.addingReportingOverflow(pause)
        next = isBeyond ? .max : due
    }

    /// The least seconds between two looks for unknown keys.
    private static let shortest: Int64 = 5
}
