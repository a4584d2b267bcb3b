#if AsyncHTTPClient
    public import AsyncHTTPClient
    import CountersignNIO
    public import CountersignService
    public import Logging
    public import NIOCore

    /// An HTTP client whose identity rotates, and that knows who its servers have to be.
    ///
    /// The client's connection pools are found by their TLS configuration. Each request carries that of the present identity, so that a
    /// rotation begins new pools, while requests under way end on the connections that they have; connections of the identity before are
    /// used by nobody and close when they have been idle for long enough. New pools are begun, too, when half of what was left of a
    /// server's certificate is over, as the server has another one by then.
    ///
    /// A connection is closed at once when its server is good no more: when its certificate ends or is revoked, or the bundle no longer
    /// vouches for it.
    ///
    /// Before a request goes over a new connection, BoringSSL has verified that the trust bundle vouches for the server, and this
    /// module who the server is. AsyncHTTPClient tells the server's own certificate alone: authorities between it and the bundle have to
    /// be in the bundle, or in this service's own chain.
    public final class MTLSClient: Sendable {
        private let client: HTTPClient
        private let configurations: ConfigurationCache
        /// Speaks to endpoints without TLS, over connections of its own that nobody is verified on; nil where that is not allowed.
        private let plain: (client: HTTPClient, ledger: FallbackLedger)?

        /// Makes a client; ``shutdown()`` ends it.
        ///
        /// - Parameters:
        ///   - source: the identity to show, and the trust bundle that vouches for servers.
        ///   - server: who servers have to be.
        ///   - configuration: the rest: timeouts, pools, redirects. Its TLS configuration and its initializers of connections are not used.
        ///   - fallback: what becomes of a request to an endpoint that answers a handshake with something else than TLS; never
        ///     allow it in production.
        ///   - eventLoopGroup: where the client works.
        public init(
            _ source: IdentitySource,
            server: ExpectedServer = .hostOfURL,
            configuration: HTTPClient.Configuration = HTTPClient.Configuration(),
            fallback: Fallback = .never,
            eventLoopGroup: any EventLoopGroup = HTTPClient.defaultEventLoopGroup
        ) {
            let edition = ClientEdition(source)
            let check = ServerCheck(source, edition, requirement: server.requirement)
            self.plain = fallback.tell.map { tell in
                (HTTPClient(eventLoopGroup: eventLoopGroup, configuration: configuration), FallbackLedger(tell))
            }
            var configuration = configuration
            // The one hook that comes after the handshake and before the first request.
            configuration.http1_1ConnectionDebugInitializer = { check.check($0) }
            configuration.http2ConnectionDebugInitializer = { check.check($0) }
            self.client = HTTPClient(eventLoopGroup: eventLoopGroup, configuration: configuration)
            self.configurations = ConfigurationCache(source, edition, checksHostName: server.checksHostName)
        }

        /// Makes a client with a provider's identity, by the provider's configuration: `verify_hostname` and `allow_fallback`.
        ///
        /// - Parameters:
        ///   - provider: whose identity is shown.
        ///   - configuration: the rest: timeouts, pools, redirects.
        ///   - fallback: how it is told that a request goes in the clear, where `allow_fallback` lets it; with
        ///     ``Fallback/never`` none does.
        ///   - eventLoopGroup: where the client works.
        /// - Throws: ``ServiceIdentityError`` with `disabled` when the provider's mutual TLS is turned off.
        public convenience init(
            _ provider: MTLSProvider,
            configuration: HTTPClient.Configuration = HTTPClient.Configuration(),
            fallback: Fallback = .allowedWithWarning,
            eventLoopGroup: any EventLoopGroup = HTTPClient.defaultEventLoopGroup
        ) throws(ServiceIdentityError) {
            guard let source = provider.source else { throw .mutualTLSIsTurnedOff }
            self.init(
                source,
                server: provider.configuration.verifiesHostName ? .hostOfURL : .peer(.anyone),
                configuration: configuration,
                fallback: provider.configuration.allowsFallback ? fallback : .never,
                eventLoopGroup: eventLoopGroup
            )
        }

        /// Makes a request over mutual TLS.
        ///
        /// - Parameters:
        ///   - request: the request, whose URL is one of `https`; its own TLS configuration is not used.
        ///   - timeout: how long it may take until the response begins.
        ///   - logger: where the client writes; nil for nowhere.
        /// - Returns: the response, whose body comes as it is read.
        /// - Throws: ``MTLSClientError`` for a URL that is not of `https`; `PeerRefused`, `NIOSSLError` or `HTTPClientError`.
        public func execute(
            _ request: HTTPClientRequest,
            timeout: TimeAmount = .seconds(30),
            logger: Logger? = nil
        ) async throws -> HTTPClientResponse {
            guard request.url.lowercased().hasPrefix("https://") else { throw MTLSClientError.notHTTPS }
            var request = request
            request.tlsConfiguration = try configurations.current()
            do {
                return try await client.execute(request, timeout: timeout, logger: logger)
            } catch  where Fallback.isCalled(forBy: error) {
                guard let plain else { throw error }
                plain.ledger.note(Self.host(of: request.url))
                request.url = "http://" + request.url.dropFirst("https://".count)
                request.tlsConfiguration = nil
                return try await plain.client.execute(request, timeout: timeout, logger: logger)
            }
        }

        /// How many requests went in the clear.
        public var fallbackCount: UInt64 { plain?.ledger.count ?? 0 }

        /// Host and port of a URL of `https`, without a user.
        private static func host(of url: String) -> String {
            let authority = url.dropFirst("https://".count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            let start = authority.lastIndex(of: "@").map { authority.index(after: $0) } ?? authority.startIndex
            return authority[start...].lowercased()
        }

        /// Ends the client and its connections.
        public func shutdown() async throws {
            try await plain?.client.shutdown()
            try await client.shutdown()
        }
    }

    /// Why a request was not made.
    public enum MTLSClientError: Error, Sendable, Hashable {
        /// The URL is not one of `https`; nothing is ever sent without TLS.
        case notHTTPS
    }
#endif
