import Glibc

/// The system's monotonic clock, for deadlines and durations.
package enum MonotonicClock {
    /// Nanoseconds since an arbitrary moment; never goes back.
    package static func nanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}
