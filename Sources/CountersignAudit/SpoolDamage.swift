/// Damage of the spool that is to be told: at once, and what comes soon after together, so that no disk fills the log.
struct SpoolDamage: Sendable {
    private var events = 0
    private var bytes = 0
    private var nextTold: Int64 = 0

    /// Nothing is damaged.
    init() {}

    /// Damage was found.
    ///
    /// - Parameters:
    ///   - events: how many events are missing.
    ///   - bytes: how many bytes of the spool they take.
    mutating func add(events: Int, bytes: Int) {
        self.events += events
        self.bytes += bytes
    }

    /// What is to be told now; nil when nothing is.
    ///
    /// - Parameter now: nanoseconds on the monotonic clock.
    mutating func due(at now: Int64) -> (events: Int, bytes: Int)? {
        guard events > 0, now >= nextTold else { return nil }
        defer { (events, bytes, nextTold) = (0, 0, now + Self.interval) }
        return (events, bytes)
    }

    /// Nanoseconds between two times of telling.
    static let interval: Int64 = 10_000_000_000
}
