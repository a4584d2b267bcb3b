#if GRPC
    import CountersignNIO
    public import CountersignService
    public import GRPCCore
    public import GRPCNIOTransportHTTP2Posix
    import NIOCore

    /// The client's side of mutual TLS for gRPC: transports whose identity rotates, and that know their servers.
    ///
    /// A connection is closed when its server is good no more: when its certificate ends or is revoked, or the bundle no longer vouches
    /// for it; calls that are under way over it end with UNAVAILABLE.
    public struct GRPCClientTLS: Sendable {
        /// Which transport a client uses for new calls.
        let edition: ClientEdition
        private let source: IdentitySource
        private let verifier: PeerVerifier
        private let handshakeTimeout: Duration

        /// Makes what the connections of clients share.
        ///
        /// - Parameters:
        ///   - source: the identity to show, and the trust bundle that vouches for servers.
        ///   - server: who the server has to be.
        ///   - handshakeTimeout: how long the handshake of a connection may take before it is closed.
        public init(_ source: IdentitySource, server: PeerRequirement, handshakeTimeout: Duration = .seconds(10)) {
            self.source = source
            self.verifier = PeerVerifier(source, purpose: .server, requirement: server)
            self.edition = ClientEdition(source)
            self.handshakeTimeout = handshakeTimeout
        }

        /// Makes a transport: each handshake shows the identity that the source has at that moment, to the server that is expected alone.
        ///
        /// - Parameters:
        ///   - target: what to connect to.
        ///   - config: the rest of the transport.
        ///   - serviceConfig: how connections are chosen, and calls repeated.
        /// - Throws: `NIOSSLError` when the identity cannot be used, and what making the transport throws.
        public func transport(
            to target: any ResolvableTarget,
            config: HTTP2ClientTransport.Posix.Config = .defaults,
            serviceConfig: ServiceConfig = ServiceConfig()
        ) throws -> HTTP2ClientTransport.Posix {
            var config = config
            let then = config.channelDebuggingCallbacks.onCreateTCPConnection
            // The one hook that has the connection; what was set before is called behind.
            config.channelDebuggingCallbacks.onCreateTCPConnection = { [verifier, edition, handshakeTimeout] channel in
                channel.eventLoop.makeCompletedFuture {
                    try PeerHandler(
                        verifier,
                        needsPeer: true,
                        handshakeTimeout: handshakeTimeout,
                        edition: edition,
                        needsTLS13: true
                    ).insert(into: channel)
                }.flatMap { then?(channel) ?? channel.eventLoop.makeSucceededVoidFuture() }
            }
            return try HTTP2ClientTransport.Posix(
                target: target,
                transportSecurity: try transportSecurity(),
                config: config,
                serviceConfig: serviceConfig
            )
        }

        private func transportSecurity() throws -> HTTP2ClientTransport.Posix.TransportSecurity {
            try .mTLS(certificateReloader: SourceReloader(source)) { tls in
                tls.serverCertificateVerification = .noHostnameVerification
                tls.trustRoots = .certificates(source.current.grpcAuthorities)
                tls.customVerificationCallback = verifier.nioVerification
            }
        }
    }
#endif
