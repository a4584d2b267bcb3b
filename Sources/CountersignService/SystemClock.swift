import Glibc

/// The time of the system.
enum SystemClock {
    /// Unix seconds, by the same clock as the milliseconds: `time` may be some milliseconds behind it, so that what is judged at the end of
    /// a certificate would find that it is not over.
    static var unixSeconds: Int64 { unixMilliseconds / 1_000 }

    /// Unix milliseconds.
    static var unixMilliseconds: Int64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
    }
}
