/// How long to wait before the servers are tried again: 0.1 s after all of them failed once, doubled with each round up
/// to 5 s.
///
/// Of that a random half is left out, so that routers which lost one bus at once do not come back at once.
struct ReconnectPause: Sendable {
    private var rounds = 0

    /// The time until the next round after one more in which every server failed.
    mutating func next(_ random: inout some RandomNumberGenerator) -> Duration {
        let longest = min(Self.first << min(rounds, 16), Self.last)
        rounds += 1
        return .milliseconds(Int64.random(in: longest / 2...longest, using: &random))
    }

    /// A server has let the client in.
    mutating func reset() {
        rounds = 0
    }

    private static let first: Int64 = 100
    private static let last: Int64 = 5_000
}
