import Glibc

/// A moment of the monotonic clock by which something has to be done.
struct Deadline {
    private let nanoseconds: UInt64

    init(within time: Duration) {
        let (seconds, attoseconds) = time.components
        let isNegative = seconds < 0 || attoseconds < 0
        let whole = UInt64(isNegative ? 0 : min(seconds, 1 << 32)) * 1_000_000_000
        nanoseconds = Self.now &+ whole &+ UInt64(isNegative ? 0 : attoseconds / 1_000_000_000)
    }

    private init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The earlier of the two.
    func capped(by time: Duration) -> Deadline {
        Deadline(nanoseconds: min(nanoseconds, Deadline(within: time).nanoseconds))
    }

    var isPassed: Bool { Self.now >= nanoseconds }

    /// What is left for poll(2): at least 1 until the deadline has passed, 0 after.
    var milliseconds: Int32 {
        let now = Self.now
        return now >= nanoseconds ? 0 : Int32(clamping: (nanoseconds - now) / 1_000_000 + 1)
    }

    static var now: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

extension Deadline {
    /// Whether more than `time` has gone by since a moment of ``now``.
    static func hasPassed(_ time: Duration, since moment: UInt64) -> Bool {
        Duration.nanoseconds(Int64(clamping: now &- moment)) > time
    }
}
