/// How long to wait before something that has failed is tried again: a first pause, doubled with each failure up to a
/// last one.
///
/// Of that a random half is left out, so that those who lost one server at once do not come back at once.
package struct Backoff: Sendable {
    private let first: Int64
    private let last: Int64
    private var failures = 0

    /// Makes the pauses of something that has not failed yet.
    ///
    /// - Parameters:
    ///   - first: the longest pause after one failure, at least a millisecond.
    ///   - last: the longest pause after any number of failures; at least `first`.
    package init(first: Duration, last: Duration) {
        self.first = max(1, first.wholeMilliseconds)
        self.last = max(self.first, last.wholeMilliseconds)
    }

    /// The time until the next attempt after one more failure.
    ///
    /// - Parameter random: decides which part of the pause is left out.
    package mutating func next(_ random: inout some RandomNumberGenerator) -> Duration {
        let longest = first > last >> min(failures, 32) ? last : first << min(failures, 32)
        failures += 1
        return .milliseconds(Int64.random(in: longest / 2...longest, using: &random))
    }

    /// Something worked.
    package mutating func reset() {
        failures = 0
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
