import Glibc

/// Nanoseconds of a clock that never goes back.
enum MonotonicTime {
    static func now() -> UInt64 {
        nanoseconds(of: CLOCK_MONOTONIC)
    }

    /// Processor time that this process has used.
    static func processorTime() -> UInt64 {
        nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID)
    }

    private static func nanoseconds(of clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
