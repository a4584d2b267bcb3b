/// Which refusals are logged: one of each user and reason in a while, so that nobody fills the log by asking in vain.
package struct RefusalLog: Sendable {
    private struct Kind: Hashable {
        let user: UInt32
        let reason: String
    }

    private struct Told {
        var at: Int64
        var silent = 0
    }

    private var kinds: [Kind: Told] = [:]

    /// How long refusals of a kind are only counted after one was logged, in milliseconds.
    package static let pause: Int64 = 10_000
    /// The most users and reasons that are told apart; while there are more within one pause, the others are not logged.
    package static let maximumKinds = 1_024

    /// One that has logged nothing yet.
    package init() {}

    /// Takes a refusal.
    ///
    /// - Parameters:
    ///   - user: whose it is.
    ///   - reason: why, a word of a closed set.
    ///   - now: the time in milliseconds, of a clock that does not go back.
    /// - Returns: how many of that kind were not logged since the last one that was; nil when this one is not either.
    package mutating func note(_ user: UInt32, _ reason: String, at now: Int64) -> Int? {
        let kind = Kind(user: user, reason: reason)
        if let told = kinds[kind], now - told.at < Self.pause {
            kinds[kind]?.silent += 1
            return nil
        }
        if kinds[kind] == nil, kinds.count >= Self.maximumKinds {
            kinds = kinds.filter { now - $0.value.at < Self.pause }
            guard kinds.count < Self.maximumKinds else { return nil }
        }
        defer { kinds[kind] = Told(at: now) }
        return kinds[kind]?.silent ?? 0
    }
}
