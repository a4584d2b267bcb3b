import CountersignIdentity
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// Keeps the addresses behind names of endpoints; it asks for them on threads of its own, ever again.
///
/// A name whose addresses are known is asked for every 30 seconds, one that does not resolve after a second and then ever
/// less often up to that. While a name does not resolve, its last addresses stay. Nobody ever waits for an answer: those
/// who use a name are told when its addresses change.
final class NameResolver: Sendable {
    /// Who uses names.
    enum User: Hashable, Sendable, CaseIterable {
        /// Routes of the configuration file.
        case file
        /// Routes of the control plane.
        case control
    }

    /// How often names are asked for.
    struct Pace: Sendable {
        /// The time between two questions for a name that resolves.
        var refresh = Duration.seconds(30)
        /// The longest time until the second question for a name that does not; it doubles up to ``refresh``.
        var retry = Duration.seconds(2)
    }

    private struct Name {
        var addresses: [IPAddress] = []
        var users: Set<User> = []
        var isFailing = false
        var backoff: Backoff
        /// When it is asked for next; an agenda's entry of another time counts no more.
        var due: UInt64 = 0
    }

    private struct State {
        var names: [String: Name] = [:]
        /// When which name is asked for, the next one last.
        var agenda: [(due: UInt64, name: String)] = []
        var observers: [User: @Sendable (String) -> Void] = [:]
        var failing: Set<String> = []
        var hasThreads = false
        var isStopped = false
        var random = SystemRandomNumberGenerator()
    }

    private let state = Mutex(State())
    private let wakeups = SystemSemaphore()
    private let lookup: @Sendable (String) -> [IPAddress]
    private let pace: Pace
    private let health: HealthState
    private let failures: Gauge
    private let logger: Logger

    /// Makes a resolver without names; threads are made with the first one.
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

    /// Takes names as all that a user has, with the addresses that were found just now.
    func replace(_ found: [String: [IPAddress]], for user: User) {
        state.withLock { state in
            for (name, entry) in state.names where entry.users.contains(user) && found[name] == nil {
                release(name, user, &state)
            }
            for (name, addresses) in found {
                _ = use(name, user, &state)
                take(addresses, for: name, &state)
            }
            show(state)
        }
        begin(waking: found.count)
    }

    /// Asks for nothing more, and tells nobody anything more.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            state.observers = [:]
        }
        for _ in 0..<Self.threads { wakeups.signal() }
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
        schedule(name, after: .zero, &state)
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
        var (low, high) = (0, state.agenda.count)
        while low < high {
            let middle = (low + high) / 2
            if state.agenda[middle].due > due { low = middle + 1 } else { high = middle }
        }
        state.agenda.insert((due, name), at: low)
    }

    /// Takes an answer over.
    ///
    /// - Returns: whom to tell that the addresses have changed.
    @discardableResult
    private func take(_ addresses: [IPAddress], for name: String, _ state: inout State) -> Set<User> {
        guard var entry = state.names[name] else { return [] }
        let isChange = !addresses.isEmpty && Set(addresses) != Set(entry.addresses)
        if isChange { entry.addresses = addresses }
        let hasFailed = addresses.isEmpty
        let pause = hasFailed ? entry.backoff.next(&state.random) : pace.refresh
        if !hasFailed { entry.backoff.reset() }
        if hasFailed != entry.isFailing { tell(name, entry, hasFailed) }
        entry.isFailing = hasFailed
        if hasFailed { state.failing.insert(name) } else { state.failing.remove(name) }
        state.names[name] = entry
        schedule(name, after: pause, &state)
        return isChange ? entry.users : []
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

    /// Makes the threads when there are none, or wakes as many as there is something for.
    private func begin(waking count: Int) {
        guard count > 0 else { return }
        let makesThreads = state.withLock { state in
            defer { state.hasThreads = true }
            return !state.hasThreads && !state.isStopped
        }
        guard makesThreads else {
            for _ in 0..<min(count, Self.threads) { wakeups.signal() }
            return
        }
        for index in 0..<Self.threads {
            do throws(SystemError) {
                try spawn(name: "names-\(index)") { [self] in run() }
            } catch {
                logger.error("no thread asks for names", metadata: ["reason": .string("\(error)")])
            }
        }
    }

    private enum Step {
        case ask(String)
        case wait(Duration)
    }

    private func run() {
        while let step = next() {
            switch step {
            case .wait(let pause): _ = wakeups.wait(upTo: pause)
            case .ask(let name):
                let addresses = lookup(name)
                let observers = state.withLock { state -> [@Sendable (String) -> Void] in
                    let users = take(addresses, for: name, &state)
                    show(state)
                    return users.compactMap { state.observers[$0] }
                }
                for observer in observers { observer(name) }
            }
        }
    }

    /// What a thread does next; nil when it is to end.
    private func next() -> Step? {
        let now = UInt64(clamping: MonotonicClock.nanoseconds())
        return state.withLock { state in
            guard !state.isStopped else { return nil }
            while let first = state.agenda.last {
                guard first.due <= now else { return .wait(.nanoseconds(Int64(clamping: first.due - now))) }
                state.agenda.removeLast()
                if state.names[first.name]?.due == first.due { return .ask(first.name) }
            }
            return .wait(.seconds(3600))
        }
    }

    /// So many names that are not answered keep others from being asked for.
    private static let threads = 4
    private static let maximumShown = 5
}
