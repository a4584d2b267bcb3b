import Glibc

/// The time of the system.
enum SystemClock {
    /// Unix seconds.
    static var unixSeconds: Int64 { Int64(time(nil)) }

    /// Unix milliseconds.
    static var unixMilliseconds: Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}
