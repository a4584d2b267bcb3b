import Synchronization

/// A client for each edition of what connections are made by: what begins uses the newest, and a former one is retired after the last use
/// of it, so that neither its connections nor its private key stay.
package final class EditionedClients<Client: AnyObject & Sendable>: Sendable {
    fileprivate struct Edition {
        let number: UInt64
        let client: Client
        var uses = 0
    }

    private let state = Mutex(State())
    private let start: @Sendable (Client) -> Void
    private let retire: @Sendable (Client) -> Void

    /// Makes a holder that has no client yet.
    ///
    /// - Parameters:
    ///   - start: is given each client that comes into use, on the thread that needs it.
    ///   - retire: ends a client that nobody uses and nobody will; it is given each client once, but those that ``close(_:)`` returns.
    package init(
        start: @escaping @Sendable (Client) -> Void = { _ in },
        retire: @escaping @Sendable (Client) -> Void
    ) {
        self.start = start
        self.retire = retire
    }

    /// Begins a use of the newest client.
    ///
    /// - Parameters:
    ///   - number: the edition of this moment, which only grows.
    ///   - make: makes its client, where there is none.
    /// - Returns: the client, for as long as the use lasts.
    /// - Throws: what `make` throws, and after ``close(_:)`` what was said there.
    package func begin(_ number: UInt64, make: () throws -> Client) throws -> ClientUse<Client> {
        if let edition = try state.withLock({ try $0.begin(number) }) { return use(edition) }
        let made = Edition(number: number, client: try make())
        let taken: (edition: Edition, idle: Client?)
        do {
            taken = try state.withLock { try $0.take(made) }
        } catch {
            retire(made.client)
            throw error
        }
        if taken.edition.client === made.client { start(made.client) }
        if let idle = taken.idle { retire(idle) }
        return use(taken.edition)
    }

    /// Ends all: no use can begin any more.
    ///
    /// - Parameter error: what ``begin(_:make:)`` throws from now on.
    /// - Returns: every client that has not been retired, for the caller to end.
    package func close(_ error: any Error) -> [Client] {
        state.withLock { state in
            defer { state = State(fault: error) }
            return state.former.values.map(\.client) + [state.current?.client].compactMap(\.self)
        }
    }

    private func use(_ edition: Edition) -> ClientUse<Client> {
        ClientUse(edition.client) { [self] in
            if let client = state.withLock({ $0.end(edition.number) }) { retire(client) }
        }
    }
}

/// A use of a client; it ends with ``end()``, or when it is let go.
package final class ClientUse<Client: AnyObject & Sendable>: Sendable {
    /// The client.
    package let client: Client
    private let finish: @Sendable () -> Void
    private let isOver = Atomic(false)

    fileprivate init(_ client: Client, _ finish: @escaping @Sendable () -> Void) {
        self.client = client
        self.finish = finish
    }

    deinit {
        end()
    }

    /// Ends the use; a second time is none.
    package func end() {
        if !isOver.exchange(true, ordering: .relaxed) { finish() }
    }
}

extension EditionedClients {
    fileprivate struct State {
        var current: Edition?
        /// Those that are still used, by number.
        var former: [UInt64: Edition] = [:]
        /// Why no use can begin any more.
        var fault: (any Error)?

        /// Counts a use of the edition of that number; nil when that is not there.
        mutating func begin(_ number: UInt64) throws -> Edition? {
            if let fault { throw fault }
            guard let edition = current, edition.number >= number else { return nil }
            current?.uses += 1
            return edition
        }

        /// Puts an edition in the place of the one before, unless somebody else has, and counts a use of what is there then.
        ///
        /// - Returns: also the client that nobody needs: the one before, when it is not used, or the one that was made in vain.
        mutating func take(_ made: Edition) throws -> (edition: Edition, idle: Client?) {
            if let edition = try begin(made.number) { return (edition, made.client) }
            let before = current
            var next = made
            next.uses = 1
            current = next
            guard let before, before.uses > 0 else { return (next, before?.client) }
            former[before.number] = before
            return (next, nil)
        }

        /// Counts the end of a use; answers a former client that is done with.
        mutating func end(_ number: UInt64) -> Client? {
            guard current?.number != number else {
                current?.uses -= 1
                return nil
            }
            former[number]?.uses -= 1
            guard let edition = former[number], edition.uses == 0 else { return nil }
            former[number] = nil
            return edition.client
        }
    }
}
