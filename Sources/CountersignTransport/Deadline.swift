import Glibc

/// A moment of the monotonic clock by which something has to be done.
package struct Deadline: Sendable {
    private let nanoseconds: UInt64

    /// The moment after a time from now; at once when it is negative.
    package init(within time: Duration) {
        let (seconds, attoseconds) = time.components
        let isNegative = seconds < 0 || attoseconds < 0
        let whole = UInt64(isNegative ? 0 : min(seconds, 1 << 32)) * 1_000_000_000
        nanoseconds = Self.now &+ whole &+ UInt64(isNegative ? 0 : attoseconds / 1_000_000_000)
    }

    private init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// No moment at all.
    package static let never = Deadline(nanoseconds: .max)

    /// The earlier of the two.
    package func capped(by time: Duration) -> Deadline {
        Deadline(nanoseconds: min(nanoseconds, Deadline(within: time).nanoseconds))
    }

    /// Whether it is over.
    package var isPassed: Bool { Self.now >= nanoseconds }

    /// What is left for poll(2): at least 1 until the deadline has passed, 0 after, and -1 for ``never``.
    package var milliseconds: Int32 {
        if nanoseconds == .max { return -1 }
        let now = Self.now
        return now >= nanoseconds ? 0 : Int32(clamping: (nanoseconds - now) / 1_000_000 + 1)
    }

    /// The time of the monotonic clock in nanoseconds.
    package static var now: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension Deadline {
    /// Whether more than `time` has gone by since a moment of ``now``.
    package static func hasPassed(_ time: Duration, since moment: UInt64) -> Bool {
        Duration.nanoseconds(Int64(clamping: now &- moment)) > time
    }
}
