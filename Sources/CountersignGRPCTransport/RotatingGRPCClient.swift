#if GRPC
    public import GRPCCore
    public import GRPCNIOTransportHTTP2Posix
    import Synchronization

    /// A gRPC client that goes on with new connections when its identity rotates, or when a server's has to have by now.
    ///
    /// Each certificate of the client has a transport of its own. Calls that are under way end on the connections that they have, which
    /// close in order after the last of them; calls that begin after the rotation show the new certificate. The same happens when half
    /// of what was left of a server's certificate is over, so that calls have the other half of it to end.
    ///
    /// ```swift
    /// let tls = GRPCClientTLS(source, server: server)
    /// let client = try RotatingGRPCClient(tls) { try $0.transport(to: target) }
    /// group.addTask { try await client.run() }
    /// let reply = try await client.withClient { try await Greeter.Client(wrapping: $0).greet(request) }
    /// ```
    public final class RotatingGRPCClient: Sendable {
        /// The client of one transport.
        public typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

        fileprivate struct Edition {
            let number: UInt64
            let client: Client
            var calls = 0
        }

        fileprivate struct State {
            var current: Edition
            /// Those of former ones that calls are under way with, by number.
            var former: [UInt64: Edition] = [:]
        }

        private let tls: GRPCClientTLS
        private let makeTransport: @Sendable (GRPCClientTLS) throws -> HTTP2ClientTransport.Posix
        private let state: Mutex<State>
        private let clients: AsyncStream<Client>
        private let started: AsyncStream<Client>.Continuation

        /// Makes a client; it connects when ``run()`` is called.
        ///
        /// - Parameters:
        ///   - tls: the identity to show, and who the server has to be.
        ///   - makeTransport: makes a transport, by ``GRPCClientTLS/transport(to:config:serviceConfig:)`` of what it is given.
        /// - Throws: what `makeTransport` throws.
        public init(
            _ tls: GRPCClientTLS,
            makeTransport: @escaping @Sendable (GRPCClientTLS) throws -> HTTP2ClientTransport.Posix
        ) throws {
            self.tls = tls
            self.makeTransport = makeTransport
            (clients, started) = AsyncStream.makeStream()
            let number = tls.edition.number
            let first = Client(transport: try makeTransport(tls))
            state = Mutex(State(current: Edition(number: number, client: first)))
            started.yield(first)
        }

        /// Keeps the connections until the task is cancelled.
        ///
        /// - Throws: what keeps a transport from working.
        public func run() async throws {
            try await withThrowingDiscardingTaskGroup { group in
                for await client in clients {
                    group.addTask { try await client.runConnections() }
                }
            }
        }

        /// Makes calls with the present identity.
        ///
        /// - Parameter body: makes calls, and is done with the client when it returns.
        /// - Returns: what `body` returns.
        /// - Throws: what `body` throws, and what making a transport throws.
        public func withClient<Result>(_ body: (Client) async throws -> Result) async throws -> Result {
            let edition = try begin()
            defer { end(edition.number) }
            return try await body(edition.client)
        }

        private func begin() throws -> Edition {
            let number = tls.edition.number
            if let edition = state.withLock({ $0.begin(number) }) { return edition }
            let made = Edition(number: number, client: Client(transport: try makeTransport(tls)))
            let (edition, idle) = state.withLock { $0.take(made) }
            if edition.client === made.client { started.yield(made.client) }
            idle?.beginGracefulShutdown()
            return edition
        }

        private func end(_ number: UInt64) {
            state.withLock { $0.end(number) }?.beginGracefulShutdown()
        }
    }

    extension RotatingGRPCClient.State {
        /// Counts a call with the edition of that number; nil when that is not the present one.
        fileprivate mutating func begin(_ number: UInt64) -> RotatingGRPCClient.Edition? {
            guard current.number >= number else { return nil }
            current.calls += 1
            return current
        }

        /// Puts an edition in the place of the one before, unless somebody else has, and counts a call with what is there then.
        ///
        /// - Returns: also the client before, when no call is under way with it.
        fileprivate mutating func take(
            _ made: RotatingGRPCClient.Edition
        ) -> (RotatingGRPCClient.Edition, idle: RotatingGRPCClient.Client?) {
            if let edition = begin(made.number) { return (edition, nil) }
            let before = current
            current = made
            current.calls = 1
            guard before.calls > 0 else { return (current, before.client) }
            former[before.number] = before
            return (current, nil)
        }

        /// Counts the end of a call; answers a former client that is done with.
        fileprivate mutating func end(_ number: UInt64) -> RotatingGRPCClient.Client? {
            guard current.number != number else {
                current.calls -= 1
                return nil
            }
            former[number]?.calls -= 1
            guard let edition = former[number], edition.calls == 0 else { return nil }
            former[number] = nil
            return edition.client
        }
    }
#endif
