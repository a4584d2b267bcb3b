/// How long to wait before the authority is tried again: 0.2 s, doubled with each failure up to 10 s.
///
/// Of that a random half is left out, so that routers which lost one authority at once do not come back at once.
struct RevocationBackoff: Sendable {
    private var failures = 0

    /// The time until the next attempt after one more failure.
    mutating func next(_ random: inout some RandomNumberGenerator) -> Duration {
        let longest = min(Self.first << min(failures, 16), Self.last)
        failures += 1
        return .milliseconds(Int64.random(in: longest / 2...longest, using: &random))
    }

    /// Something worked.
    mutating func reset() {
        failures = 0
    }

    private static let first: Int64 = 200
    private static let last: Int64 = 10_000
}
