#if GRPC
    import CountersignNIO
    public import CountersignService
    public import GRPCNIOTransportHTTP2Posix

    extension HTTP2ClientTransport.Posix.TransportSecurity {
        /// Mutual TLS: each handshake shows the identity that the source has at that moment, to the server that is expected alone.
        ///
        /// - Parameters:
        ///   - source: the identity to show, and the trust bundle that vouches for servers.
        ///   - server: who the server has to be.
        /// - Throws: `NIOSSLError` when the identity cannot be used.
        public static func countersign(_ source: IdentitySource, server: PeerRequirement) throws -> Self {
            let verifier = PeerVerifier(source, purpose: .server, requirement: server)
            return try .mTLS(certificateReloader: SourceReloader(source)) { tls in
                tls.serverCertificateVerification = .noHostnameVerification
                tls.trustRoots = .certificates(source.current.grpcAuthorities)
                tls.customVerificationCallback = verifier.nioVerification
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
