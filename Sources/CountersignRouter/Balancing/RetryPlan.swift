/// How often, and for how long, a request is tried again.
package struct RetryPlan: Sendable, Hashable {
    /// How often a request is sent at most, the first time included; 1 or more.
    package var maximumAttempts = 3
    /// Until when after the first attempt another may begin and must have its connection, in nanoseconds.
    package var time: UInt64 = 10_000_000_000
    /// How many retries there may be for a hundred requests.
    package var percent = 20
    /// How many retries a second there may be on each worker in any case.
    package var minimumPerSecond = 10

    package init() {}
}
