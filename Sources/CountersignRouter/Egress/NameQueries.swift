import CountersignTransport
import Synchronization

/// Resolves names on threads apart.
///
/// Requests of one workload for the same name at the same time wait for one look-up, so that its bound is one of names,
/// however many requests there are for each.
final class NameQueries: Sendable {
    /// What is looked up, and for whom.
    struct Key: Hashable {
        /// The name of the workload that asks.
        let workload: String
        let host: String
        let port: UInt16
    }

    /// A request that waits.
    struct Waiter: Sendable {
        /// Whether it still does.
        let interest: NameLookup.Interest
        /// Takes the addresses, on any thread.
        let answer: @Sendable ([SocketAddress]) -> Void
    }

    private let work: FairWork<String>
    /// Who waits for which name that waits for its turn or is under way.
    private let waiting = Mutex<[Key: [Waiter]]>([:])

    /// - Parameter bounds: how much there is of everything; the backlog is names of one workload.
    init(_ bounds: FairWork<String>.Bounds) {
        work = FairWork(name: "names", bounds)
    }

    /// Asks for the addresses of a name.
    ///
    /// - Parameters:
    ///   - key: what is looked up, and for whom.
    ///   - waiter: is told of the addresses; none where the name leads nowhere.
    ///   - resolve: resolves a name; blocks. One that is under way already is not asked again.
    /// - Returns: false when the workload has as many other names under way as it may.
    func ask(
        _ key: Key,
        _ waiter: Waiter,
        _ resolve: @escaping @Sendable (String, UInt16) throws -> [SocketAddress]
    ) -> Bool {
        waiting.withLock { waiting in
            if waiting[key] != nil {
                waiting[key]?.append(waiter)
                return true
            }
            // Within the lock, so that nobody joins what is refused.
            guard work.run(for: key.workload, { [self] in look(for: key, resolve) }) else { return false }
            waiting[key] = [waiter]
            return true
        }
    }

    private func look(for key: Key, _ resolve: (String, UInt16) throws -> [SocketAddress]) {
        let isWanted = waiting.withLock { waiting in
            if waiting[key]?.contains(where: \.interest.isAlive) ?? false { return true }
            waiting[key] = nil
            return false
        }
        guard isWanted else { return }
        let addresses = (try? resolve(key.host, key.port)) ?? []
        let waiters = waiting.withLock { $0.removeValue(forKey: key) } ?? []
        for waiter in waiters where waiter.interest.isAlive { waiter.answer(addresses) }
    }
}
