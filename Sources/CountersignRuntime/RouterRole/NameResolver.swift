import CountersignIdentity
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// Keeps the addresses behind names of endpoints; it asks for them on threads of its own, ever again.
///
/// A name whose addresses are known is asked for every 30 seconds, one that does not resolve after two seconds and then ever
/// less often up to that. While a name does not resolve, its last addresses stay. Nobody ever waits for an answer: those
/// who use a name are told when its addresses change. Nor does a name wait for others: new ones go first, and those whose
/// questions were in vain for long share two threads.
final class NameResolver: Sendable {
    /// Who uses names.
    enum User: Hashable, Sendable {
        /// Routes of the configuration file.
        case file
        /// Routes of a configuration that is about to come into force.
        case upcoming
        /// Routes of the control plane.
        case control
    }

    /// How often names are asked for.
    struct Pace: Sendable {
        /// The time between two questions for a name that resolves.
        var refresh = Duration.seconds(30)
        /// The longest time until the second question for a name that does not; it doubles up to ``refresh``.
        var retry = Duration.seconds(2)
        /// A question that is in vain after this time makes a name one that holds others up.
        var slow = Duration.seconds(1)
    }

    struct Name {
        var addresses: [IPAddress] = []
        var users: Set<User> = []
        var isFailing = false
        /// Whether the last question was in vain and took long.
        var isSlow = false
        /// Whether a question is under way.
        var isAsked = false
        /// Whether a question has ended, be it in vain.
        var wasAsked = false
        var backoff: Backoff
        /// When it is asked for next; an agenda's entry of another time counts no more.
        var due: UInt64 = 0
    }

    struct State {
        var names: [String: Name] = [:]
        /// Names for which nobody has asked yet, the next one last.
        var fresh: [String] = []
        var agenda = NameAgenda()
        /// Of names that hold others up.
        var slowAgenda = NameAgenda()
        /// How many of those are being asked for.
        var slowCount = 0
        var observers: [User: @Sendable (String) -> Void] = [:]
        /// Who is to be told when all of their names have been asked for, and which have not.
        var waiting: [User: (names: Set<String>, body: @Sendable () -> Void)] = [:]
        var failing: Set<String> = []
        var threads = 0
        /// How many of the threads have nothing to do.
        var idle = 0
        var isStopped = false
        var random = SystemRandomNumberGenerator()
    }

    let state = Mutex(State())
    let wakeups = SystemSemaphore()
    let lookup: @Sendable (String) -> [IPAddress]
    let logger: Logger
    private let pace: Pace
    private let health: HealthState
    private let failures: Gauge

    /// Makes a resolver without names; threads are made as there is something for them.
    ///
    /// - Parameters:
    ///   - pace: how often names are asked for.
    ///   - health: its component `names` is there while a name does not resolve.
    ///   - failures: shows how many names do not.
    ///   - logger: is told of each name once when it does not resolve, and once when it does again.
    ///   - lookup: asks for the addresses of a name, none when it does not resolve; may block.
    init(
        pace: Pace = Pace(),
        health: HealthState,
        failures: Gauge,
        logger: Logger,
        lookup: @escaping @Sendable (String) -> [IPAddress] = EndpointAddresses.systemAddresses
    ) {
        self.pace = pace
        self.health = health
        self.failures = failures
        self.logger = logger
        self.lookup = lookup
    }

    /// Has a user told of each name whose addresses have changed, on a thread of the resolver.
    func observe(_ user: User, _ body: @escaping @Sendable (_ name: String) -> Void) {
        state.withLock { $0.observers[user] = body }
    }

    /// The addresses of a name that are known; none when it is not used or never has resolved.
    func addresses(of name: String) -> [IPAddress] {
        state.withLock { $0.names[name]?.addresses ?? [] }
    }

    /// Takes up and lets go of names.
    ///
    /// - Parameters:
    ///   - added: names that the user has now; one that is new is asked for at once.
    ///   - removed: names that it has no longer.
    ///   - user: who uses them.
    func change(adding added: some Sequence<String>, removing removed: some Sequence<String>, for user: User) {
        var count = 0
        state.withLock { state in
            for name in removed { release(name, user, &state) }
            for name in added where use(name, user, &state) { count += 1 }
            show(state)
        }
        begin(waking: count)
    }

    /// Takes names as all that a user has.
    ///
    /// - Parameters:
    ///   - wanted: the names; those that are new are asked for at once.
    ///   - user: who uses them.
    ///   - isAnew: whether those that are known are asked for at once as well.
    ///   - body: called on a thread of the resolver when each has been asked for, be it in vain; not when all have been
    ///     before.
    func replace(
        _ wanted: Set<String>,
        for user: User,
        askingAnew isAnew: Bool = false,
        whenAnswered body: (@Sendable () -> Void)? = nil
    ) {
        let count = state.withLock { state in
            for (name, entry) in state.names where entry.users.contains(user) && !wanted.contains(name) {
                release(name, user, &state)
            }
            for name in wanted where !use(name, user, &state) && isAnew && state.names[name]?.isAsked == false {
                schedule(name, after: .zero, &state)
            }
            let missing = wanted.filter { state.names[$0]?.wasAsked != true }
            state.waiting[user] = missing.isEmpty ? nil : body.map { (missing, $0) }
            show(state)
            return isAnew ? wanted.count : missing.count
        }
        begin(waking: count)
    }

    /// Whether each of these names is used and has been asked for, be it in vain.
    func haveAnswers(to wanted: Set<String>) -> Bool {
        state.withLock { state in wanted.allSatisfy { state.names[$0]?.wasAsked == true } }
    }

    /// Asks for nothing more, and tells nobody anything more.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.observers = [:]
            state.waiting = [:]
        }
        for _ in 0..<Self.maximumThreads { wakeups.signal() }
    }

    /// Notes that a user has a name.
    ///
    /// - Returns: whether nobody had it before.
    private func use(_ name: String, _ user: User, _ state: inout State) -> Bool {
        guard state.names[name] == nil else {
            state.names[name]?.users.insert(user)
            return false
        }
        state.names[name] = Name(users: [user], backoff: Backoff(first: pace.retry, last: pace.refresh))
        state.fresh.append(name)
        return true
    }

    private func release(_ name: String, _ user: User, _ state: inout State) {
        state.names[name]?.users.remove(user)
        guard state.names[name]?.users.isEmpty == true else { return }
        state.names[name] = nil
        state.failing.remove(name)
    }

    private func schedule(_ name: String, after pause: Duration, _ state: inout State) {
        let due = UInt64(clamping: MonotonicClock.nanoseconds()) + pause.nanoseconds
        state.names[name]?.due = due
        guard state.names[name]?.isSlow == true else {
            state.agenda.insert(name, due: due)
            return
        }
        state.slowAgenda.insert(name, due: due)
    }

    /// Takes an answer over.
    ///
    /// - Returns: what tells those who are to know of it.
    func take(_ addresses: [IPAddress], for name: String, after time: Duration) -> [@Sendable () -> Void] {
        state.withLock { state in
            guard var entry = state.names[name] else { return [] }
            let isChange = !addresses.isEmpty && Set(addresses) != Set(entry.addresses)
            if isChange { entry.addresses = addresses }
            let hasFailed = addresses.isEmpty
            let pause = hasFailed ? entry.backoff.next(&state.random) : pace.refresh
            if !hasFailed { entry.backoff.reset() }
            if hasFailed != entry.isFailing { tell(name, entry, hasFailed) }
            entry.isFailing = hasFailed
            entry.isSlow = hasFailed && time >= pace.slow
            (entry.isAsked, entry.wasAsked) = (false, true)
            if hasFailed { state.failing.insert(name) } else { state.failing.remove(name) }
            state.names[name] = entry
            schedule(name, after: pause, &state)
            show(state)
            let observers = isChange ? entry.users.compactMap { state.observers[$0] } : []
            return observers.map { observer in { observer(name) } } + takeWaiting(for: name, &state)
        }
    }

    /// Those to whom this was the last name without an answer.
    private func takeWaiting(for name: String, _ state: inout State) -> [@Sendable () -> Void] {
        var done: [@Sendable () -> Void] = []
        for user in Array(state.waiting.keys) {
            state.waiting[user]?.names.remove(name)
            guard let waiting = state.waiting[user], waiting.names.isEmpty else { continue }
            state.waiting[user] = nil
            done.append(waiting.body)
        }
        return done
    }

    private func tell(_ name: String, _ entry: Name, _ hasFailed: Bool) {
        guard hasFailed else {
            logger.notice("the name of endpoints resolves again", metadata: ["name": .string(name)])
            return
        }
        let fate = entry.addresses.isEmpty ? "they get no requests until it does" : "its last addresses count"
        logger.warning(
            "the name of endpoints does not resolve",
            metadata: ["name": .string(name), "fate": .string(fate)]
        )
    }

    /// Shows in health and metrics which names do not resolve; called with the state locked, so that the last one is right.
    private func show(_ state: borrowing State) {
        failures.set(Double(state.failing.count))
        guard !state.failing.isEmpty else {
            health.remove("names")
            return
        }
        let shown = state.failing.sorted().prefix(Self.maximumShown).joined(separator: ", ")
        let more = state.failing.count > Self.maximumShown ? " and \(state.failing.count - Self.maximumShown) more" : ""
        health.set("names", .degraded(reason: "names of endpoints do not resolve: \(shown)\(more)"))
    }

    private static let maximumShown = 5
}
