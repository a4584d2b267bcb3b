#if AsyncHTTPClient
    public import AsyncHTTPClient
    import CountersignNIO
    public import CountersignService
    public import Logging
    public import NIOCore
    import NIOSSL

    /// An HTTP client whose identity rotates, and that knows who its servers have to be.
    ///
    /// Each certificate of the client has an `HTTPClient` of its own. A rotation, of the certificate or of the authorities, begins another
    /// one for the requests that come; those under way end where they are, and with the last of them, its body read to the end or let go,
    /// the former one is shut down with its connections. Another one is begun, too, when half of what was left of a server's certificate is
    /// over, as the server has another one by then.
    ///
    /// A connection is closed at once when its server is good no more: when its certificate ends or is revoked, or the bundle no longer
    /// vouches for it.
    ///
    /// Before a request goes over a new connection, BoringSSL has verified that the trust bundle vouches for the server, and this
    /// module who the server is. AsyncHTTPClient tells the server's own certificate alone: authorities between it and the bundle have to
    /// be in the bundle, or in this service's own chain.
    public final class MTLSClient: Sendable {
        private let edition: ClientEdition
        private let clients: EditionedClients<HTTPClient>
        private let retirement: Retirement
        private let make: @Sendable () throws -> HTTPClient
        /// Speaks to endpoints without TLS, over connections of its own that nobody is verified on; nil where that is not allowed.
        private let plain: (client: HTTPClient, ledger: FallbackLedger)?

        /// Makes a client; ``shutdown()`` ends it.
        ///
        /// - Parameters:
        ///   - source: the identity to show, and the trust bundle that vouches for servers.
        ///   - server: who servers have to be.
        ///   - configuration: the rest: timeouts, pools, redirects. Its TLS configuration and its initializers of connections are not
        ///     used, and a connection that fails is not tried again: the request fails at once with the reason.
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
            // A server that is refused would be asked again and again, until the time for connecting was over.
            configuration.connectionPool.retryConnectionEstablishment = false
            self.edition = edition
            let retirement = Retirement()
            self.retirement = retirement
            self.clients = EditionedClients { retirement.begin($0) }
            self.make = { [configuration] in
                var tls = try source.current.nioClientConfiguration()
                if server.checksHostName { tls.certificateVerification = .fullVerification }
                var configuration = configuration
                configuration.tlsConfiguration = tls
                return HTTPClient(eventLoopGroup: eventLoopGroup, configuration: configuration)
            }
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
            request.tlsConfiguration = nil
            let use = try clients.begin(edition.number, make: make)
            do {
                return try await use.client.execute(request, timeout: timeout, logger: logger).holding(use)
            } catch  where Fallback.isCalled(forBy: error) {
                guard let plain else { throw error }
                plain.ledger.note(Self.host(of: request.url))
                request.url = "http://" + request.url.dropFirst("https://".count)
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

        /// Ends the client, its connections, and the requests that are under way.
        public func shutdown() async throws {
            try await plain?.client.shutdown()
            for client in clients.close(HTTPClientError.alreadyShutdown) { retirement.begin(client) }
            await retirement.wait()
        }
    }

    /// Why a request was not made.
    public enum MTLSClientError: Error, Sendable, Hashable {
        /// The URL is not one of `https`; nothing is ever sent without TLS.
        case notHTTPS
    }
#endif
