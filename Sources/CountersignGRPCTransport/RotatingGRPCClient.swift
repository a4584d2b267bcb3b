#if GRPC
    public import CountersignService
    public import GRPCCore
    public import GRPCNIOTransportHTTP2Posix
    import Synchronization

    /// A gRPC client that goes on with new connections when its identity rotates.
    ///
    /// Each identity has a transport of its own. Calls that are under way end on the connections that they have, which close in order
    /// after the last of them; calls that begin after the rotation show the new certificate.
    ///
    /// ```swift
    /// let client = try RotatingGRPCClient(source) {
    ///     try HTTP2ClientTransport.Posix(target: target, transportSecurity: .countersign(source, server: server))
    /// }
    /// group.addTask { try await client.run() }
    /// let reply = try await client.withClient { try await Greeter.Client(wrapping: $0).greet(request) }
    /// ```
    public final class RotatingGRPCClient: Sendable {
        /// The client of one identity.
        public typealias Client = GRPCClient<HTTP2ClientTransport.Posix>

        fileprivate struct Edition {
            let generation: UInt64
            let client: Client
            var calls = 0
        }

        fileprivate struct State {
            var current: Edition
            /// Those of former identities that calls are under way with, by generation.
            var former: [UInt64: Edition] = [:]
        }

        private let source: IdentitySource
        private let makeTransport: @Sendable () throws -> HTTP2ClientTransport.Posix
        private let state: Mutex<State>
        private let clients: AsyncStream<Client>
        private let started: AsyncStream<Client>.Continuation

        /// Makes a client; it connects when ``run()`` is called.
        ///
        /// - Parameters:
        ///   - source: the identity to show.
        ///   - makeTransport: makes the transport of an identity.
        /// - Throws: what `makeTransport` throws.
        public init(
            _ source: IdentitySource,
            makeTransport: @escaping @Sendable () throws -> HTTP2ClientTransport.Posix
        ) throws {
            self.source = source
            self.makeTransport = makeTransport
            (clients, started) = AsyncStream.makeStream()
            let generation = source.generation
            let first = Client(transport: try makeTransport())
            state = Mutex(State(current: Edition(generation: generation, client: first)))
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
            defer { end(edition.generation) }
            return try await body(edition.client)
        }

        private func begin() throws -> Edition {
            let generation = source.generation
            if let edition = state.withLock({ $0.begin(generation) }) { return edition }
            let made = Edition(generation: generation, client: Client(transport: try makeTransport()))
            let (edition, idle) = state.withLock { $0.take(made) }
            if edition.client === made.client { started.yield(made.client) }
            idle?.beginGracefulShutdown()
            return edition
        }

        private func end(_ generation: UInt64) {
            state.withLock { $0.end(generation) }?.beginGracefulShutdown()
        }
    }

    extension RotatingGRPCClient.State {
        /// Counts a call with the edition of a generation; nil when that is not the present one.
        fileprivate mutating func begin(_ generation: UInt64) -> RotatingGRPCClient.Edition? {
            guard current.generation >= generation else { return nil }
            current.calls += 1
            return current
        }

        /// Puts an edition in the place of the one before, unless somebody else has, and counts a call with what is there then.
        ///
        /// - Returns: also the client before, when no call is under way with it.
        fileprivate mutating func take(
            _ made: RotatingGRPCClient.Edition
        ) -> (RotatingGRPCClient.Edition, idle: RotatingGRPCClient.Client?) {
            if let edition = begin(made.generation) { return (edition, nil) }
            let before = current
            current = made
            current.calls = 1
            guard before.calls > 0 else { return (current, before.client) }
            former[before.generation] = before
            return (current, nil)
        }

        /// Counts the end of a call; answers a former client that is done with.
        fileprivate mutating func end(_ generation: UInt64) -> RotatingGRPCClient.Client? {
            guard current.generation != generation else {
                current.calls -= 1
                return nil
            }
            former[generation]?.calls -= 1
            guard let edition = former[generation], edition.calls == 0 else { return nil }
            former[generation] = nil
            return edition.client
        }
    }
#endif
