#if GRPC
    import CountersignNIO
    public import CountersignService
    public import GRPCNIOTransportHTTP2Posix

    /// The server's side of mutual TLS for gRPC: a transport whose identity rotates, and who makes each call.
    ///
    /// ```swift
    /// let tls = GRPCServerTLS(source)
    /// let server = GRPCServer(
    ///     transport: .http2NIOPosix(address: address, transportSecurity: try tls.transportSecurity()),
    ///     services: [service],
    ///     interceptors: [tls.interceptor]
    /// )
    /// ```
    ///
    /// Both belong together: the transport judges handshakes, and the interceptor each call by what counts then.
    public struct GRPCServerTLS: Sendable {
        private let source: IdentitySource
        private let verifier: PeerVerifier

        /// Makes what transport and interceptor share.
        ///
        /// - Parameters:
        ///   - source: the identity to show, and the trust bundle that vouches for clients.
        ///   - clients: who clients have to be.
        public init(_ source: IdentitySource, clients: PeerRequirement = .anyone) {
            self.source = source
            self.verifier = PeerVerifier(source, purpose: .client, requirement: clients)
        }

        /// Each handshake shows the identity that the source has at that moment, and a client needs a certificate.
        ///
        /// - Throws: `NIOSSLError` when the identity cannot be used.
        public func transportSecurity() throws -> HTTP2ServerTransport.Posix.TransportSecurity {
            try .mTLS(certificateReloader: SourceReloader(source)) { tls in
                tls.clientCertificateVerification = .noHostnameVerification
                tls.trustRoots = .certificates(source.current.grpcAuthorities)
                tls.customVerificationCallback = verifier.nioVerification
                tls.requireALPN = true
            }
        }

        /// Finds out for each call who makes it.
        public var interceptor: PeerIdentityInterceptor { PeerIdentityInterceptor(verifier) }
    }
#endif
