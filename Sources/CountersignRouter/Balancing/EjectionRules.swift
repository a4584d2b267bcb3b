/// When endpoints are ejected for their failures, and for how long.
package struct EjectionRules: Sendable, Hashable {
    /// How many failures in a row eject an endpoint, 1 or more.
    package var consecutiveFailures = 3
    /// For how long the first time, in nanoseconds; each further time in a row is twice as long.
    package var baseTime: UInt64 = 1_000_000_000
    /// For how long at most, in nanoseconds.
    package var longestTime: UInt64 = 30_000_000_000
    /// How many of a route's endpoints are ejected for failures at most, in percent, 0...100, rounded down.
    package var maximumPercent = 50
    /// Whether an answer with a status of 500 or more is a failure.
    package var countsServerErrors = false

    package init() {}

    /// How many of so many endpoints are ejected at most.
    func mostEjected(of count: Int) -> Int { count * maximumPercent / 100 }
}
