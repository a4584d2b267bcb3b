import Glibc

/// The system's wall clock.
package enum WallClock {
    /// Nanoseconds since 1970-01-01T00:00:00Z; may jump when the clock is set.
    @Sendable
    package static func nanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
