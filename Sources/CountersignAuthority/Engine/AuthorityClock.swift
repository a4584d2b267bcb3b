/// The two times that the authority lives by; tests move them.
package struct AuthorityClock: Sendable {
    /// Seconds since 1970.
    package var now: @Sendable () -> Int64
    /// Nanoseconds of a clock that is never set back.
    package var monotonic: @Sendable () -> UInt64

    package init(now: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> UInt64) {
        self.now = now
        self.monotonic = monotonic
    }
}
