#if AsyncHTTPClient
    import CountersignNIO
    import CountersignPKI
    import CountersignService
    import NIOCore
    import NIOSSL

    /// Judges the server of a new connection, after the handshake and before the first request.
    final class ServerCheck: Sendable {
        private let source: IdentitySource
        private let verifier: PeerVerifier

        init(_ source: IdentitySource, requirement: PeerRequirement) {
            self.source = source
            self.verifier = PeerVerifier(source, purpose: .server, requirement: requirement)
        }

        /// Fails when the server is not one that is expected; the connection is closed then.
        func check(_ channel: any Channel) -> EventLoopFuture<Void> {
            channel.nioSSL_peerCertificate().flatMapThrowing { [self] certificate in
                let known = source.current.certificateChain.dropFirst()
                let chain = try certificate.map { [try $0.toDERBytes()] + known } ?? []
                if case .failure(let rejection) = verifier.verify(chain) { throw PeerRefused(rejection: rejection) }
            }
        }
    }
#endif
