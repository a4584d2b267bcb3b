/// How long an endpoint that failed to prove who it is, or refuses the router, is left out.
///
/// The first failure costs a second, each further one twice as much, up to 30 seconds; one success ends it.
///
///     failures     1   2   3   4    5    6…
///     seconds      1   2   4   8   16   30
struct EndpointSuspension {
    /// Why the endpoint is left out; what it was last, when it no longer is.
    private(set) var failure: UpstreamFailure?
    /// Until when, in nanoseconds of the loop.
    private(set) var until: UInt64 = 0
    private var failures = 0

    /// Whether there is nothing to end.
    var isClear: Bool { failures == 0 }

    /// Takes a failure at a moment, in nanoseconds of the loop.
    ///
    /// - Returns: whether the endpoint was not left out before.
    mutating func fail(_ failure: UpstreamFailure, now: UInt64) -> Bool {
        let isNew = until <= now
        // Failures of connections that were opened together are one.
        if isNew { failures = min(failures + 1, Self.mostDoublings) }
        let seconds = min(UInt64(1) << UInt64(failures - 1), Self.longestSeconds)
        until = max(until, now &+ seconds &* 1_000_000_000)
        self.failure = failure
        return isNew
    }

    /// The endpoint is what it has to be, or may be by now.
    mutating func end() {
        self = EndpointSuspension()
    }

    private static let mostDoublings = 6
    private static let longestSeconds: UInt64 = 30
}
