#if GRPC
    import CountersignNIO
    public import CountersignService
    public import GRPCCore
    public import GRPCNIOTransportHTTP2Posix
    import NIOCore

    /// The server's side of mutual TLS for gRPC: servers whose identity rotates, and that know who makes each call.
    ///
    /// ```swift
    /// let tls = GRPCServerTLS(source)
    /// let server = try tls.server(at: .ipv4(host: "0.0.0.0", port: 8443), services: [service])
    /// ```
    ///
    /// TLS 1.3 is spoken: the transport lets nobody choose the suites of 1.2, and takes some without forward secrecy or authenticated
    /// encryption. A connection whose handshake takes too long is closed, and so is one whose client is good no more: when its certificate ends or
    /// is revoked, or the bundle no longer vouches for it. Calls that are under way over it end with it.
    public struct GRPCServerTLS: Sendable {
        private let source: IdentitySource
        private let verifier: PeerVerifier
        private let handshakeTimeout: Duration

        /// Makes what the connections of servers share.
        ///
        /// - Parameters:
        ///   - source: the identity to show, and the trust bundle that vouches for clients.
        ///   - clients: who clients have to be.
        ///   - handshakeTimeout: how long the handshake of a connection may take before it is closed.
        public init(
            _ source: IdentitySource,
            clients: PeerRequirement = .anyone,
            handshakeTimeout: Duration = .seconds(10)
        ) {
            self.source = source
            self.verifier = PeerVerifier(source, purpose: .client, requirement: clients)
            self.handshakeTimeout = handshakeTimeout
        }

        /// Makes a server: each handshake shows the identity that the source has at that moment, a client needs a certificate, and
        /// ``GRPCPeer/current`` tells services whose it is.
        ///
        /// - Parameters:
        ///   - address: where it listens.
        ///   - config: the rest of the transport.
        ///   - services: the services.
        ///   - interceptors: what each call passes once it is known who makes it.
        /// - Throws: `NIOSSLError` when the identity cannot be used.
        public func server(
            at address: GRPCNIOTransportHTTP2Posix.SocketAddress,
            config: HTTP2ServerTransport.Posix.Config = .defaults,
            services: [any RegistrableRPCService],
            interceptors: [any ServerInterceptor] = []
        ) throws -> GRPCServer<HTTP2ServerTransport.Posix> {
            var config = config
            let then = config.channelDebuggingCallbacks.onAcceptTCPConnection
            // The one hook that has the connection; what was set before is called behind.
            config.channelDebuggingCallbacks.onAcceptTCPConnection = { [verifier, handshakeTimeout] channel in
                channel.eventLoop.makeCompletedFuture {
                    try PeerHandler(
                        verifier,
                        needsPeer: true,
                        handshakeTimeout: handshakeTimeout,
                        needsTLS13: true
                    ).insert(into: channel)
                }.flatMap { then?(channel) ?? channel.eventLoop.makeSucceededVoidFuture() }
            }
            return GRPCServer(
                transport: HTTP2ServerTransport.Posix(
                    address: address,
                    transportSecurity: try transportSecurity(),
                    config: config
                ),
                services: services,
                interceptors: [PeerIdentityInterceptor(verifier)] + interceptors
            )
        }

        private func transportSecurity() throws -> HTTP2ServerTransport.Posix.TransportSecurity {
            try .mTLS(certificateReloader: SourceReloader(source)) { tls in
                tls.clientCertificateVerification = .noHostnameVerification
                tls.trustRoots = .certificates(source.current.grpcAuthorities)
                tls.customVerificationCallback = verifier.nioVerification
                tls.requireALPN = true
            }
        }
    }

    extension WorkloadIdentity {
        /// The authorities as the transport takes them; verification does not use them, it asks the source.
        var grpcAuthorities: [TLSConfig.CertificateSource] {
            trust.authoritiesDER.map { .bytes($0, format: .der) }
        }
    }
#endif
