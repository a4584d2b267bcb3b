/// Which refusals are logged: one of each user in a while, so that nobody fills the log by asking in vain.
struct RefusalLog {
    private struct User {
        var loggedAt: Int64
        var silent = 0
    }

    private var users: [UInt32: User] = [:]

    /// How long a user's refusals are counted alone after one was logged, in milliseconds.
    static let pause: Int64 = 10_000
    /// The most users who are told apart; while there are more within one pause, the others are not logged.
    static let maximumUsers = 1_024

    /// Takes a refusal.
    ///
    /// - Parameters:
    ///   - user: whose it is.
    ///   - now: the time in milliseconds, of a clock that does not go back.
    /// - Returns: how many of that user were not logged since the last one that was; nil when this one is not either.
    mutating func note(_ user: UInt32, at now: Int64) -> Int? {
        if let known = users[user], now - known.loggedAt < Self.pause {
            users[user]?.silent += 1
            return nil
        }
        if users[user] == nil, users.count >= Self.maximumUsers {
            users = users.filter { now - $0.value.loggedAt < Self.pause }
            guard users.count < Self.maximumUsers else { return nil }
        }
        defer { users[user] = User(loggedAt: now) }
        return users[user]?.silent ?? 0
    }
}
