#if GRPC
    import CountersignNIO
    import CountersignService
    public import GRPCCore
    public import GRPCNIOTransportHTTP2Posix

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

        private let tls: GRPCClientTLS
        private let makeTransport: @Sendable (GRPCClientTLS) throws -> HTTP2ClientTransport.Posix
        private let editions: EditionedClients<Client>
        /// What is to be run.
        private let clients: AsyncStream<Client>

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
            let (clients, started) = AsyncStream.makeStream(of: Client.self)
            self.clients = clients
            editions = EditionedClients(start: { started.yield($0) }, retire: { $0.beginGracefulShutdown() })
            _ = try begin()
        }

        /// Keeps the connections until the task is cancelled; calls that begin afterwards fail with `clientIsStopped`.
        ///
        /// - Throws: what keeps a transport from working.
        public func run() async throws {
            // Whoever calls after that would wait for a connection that nobody makes.
            defer {
                let stopped = RuntimeError(code: .clientIsStopped, message: "The client has been stopped.")
                for client in editions.close(stopped) { client.beginGracefulShutdown() }
            }
            try await withThrowingDiscardingTaskGroup { group in
                for await client in clients {
                    group.addTask { try await Self.run(client) }
                }
            }
        }

        /// Makes calls with the present identity.
        ///
        /// - Parameter body: makes calls, and is done with the client when it returns.
        /// - Returns: what `body` returns.
        /// - Throws: what `body` throws, and what making a transport throws.
        public func withClient<Result>(_ body: (Client) async throws -> Result) async throws -> Result {
            let use = try begin()
            defer { use.end() }
            return try await body(use.client)
        }

        private func begin() throws -> ClientUse<Client> {
            try editions.begin(tls.edition.number) { Client(transport: try makeTransport(tls)) }
        }

        private static func run(_ client: Client) async throws {
            do {
                try await client.runConnections()
            } catch let error as RuntimeError where error.code == .clientIsStopped {
                // A rotation came before it was run, and its calls, if there were any, are over.
            }
        }
    }
#endif
