import Glibc

/// The time of the system.
enum SystemClock {
    /// Unix seconds.
    static var unixSeconds: Int64 { Int64(time(nil)) }
}
