/// When the next revocation lists are signed: at the start, each interval, and as soon as something was revoked.
///
/// It reads no clock and signs nothing.
struct PublicationSchedule: Sendable {
    /// What is to be done now.
    enum Step: Sendable, Hashable {
        /// Nothing before that many seconds have passed or something is asked for.
        case wait(seconds: Int64)
        /// Sign.
        case publish
        /// End.
        case stop
    }

    /// The seconds between two lists when nothing happens.
    let interval: Int64
    private var publishedAt: Int64?
    private var isWanted = true
    private var isStopped = false

    /// A schedule that begins with a list.
    init(interval: Int64) {
        self.interval = interval
    }

    /// Has the next step be a list.
    mutating func request() { isWanted = true }

    /// Has every later step be the end.
    mutating func stop() { isStopped = true }

    /// Notes that signing begins: what is revoked from now on asks for another list.
    mutating func begin() { isWanted = false }

    /// Notes that lists were published at `now`, in Unix seconds.
    mutating func published(at now: Int64) { publishedAt = now }

    /// What is to be done at `now`, in Unix seconds.
    func step(at now: Int64) -> Step {
        if isStopped { return .stop }
        guard !isWanted, let publishedAt else { return .publish }
        // A clock that was set back would otherwise keep a list until long after its end.
        guard now >= publishedAt, now - publishedAt < interval else { return .publish }
        return .wait(seconds: min(interval - (now - publishedAt), Self.longestWait))
    }

    /// Long waits do not see that the clock was set.
    private static let longestWait: Int64 = 60
}
