#if AsyncHTTPClient
    import CountersignNIO
    import CountersignPKI
    import CountersignService
    import NIOCore
    import NIOSSL

    /// Judges the server of a new connection, after the handshake and before the first request, and from then on.
    final class ServerCheck: Sendable {
        private let source: IdentitySource
        private let verifier: PeerVerifier
        private let edition: ClientEdition

        init(_ source: IdentitySource, _ edition: ClientEdition, requirement: PeerRequirement) {
            self.source = source
            self.edition = edition
            self.verifier = PeerVerifier(source, purpose: .server, requirement: requirement)
        }

        /// Fails when the server is not one that is expected; the connection is closed then, and later when it is one no more.
        func check(_ channel: any Channel) -> EventLoopFuture<Void> {
            channel.nioSSL_peerCertificate().flatMapThrowing { [self] certificate in
                let known = source.current.certificateChain.dropFirst()
                let chain = try certificate.map { [try $0.toDERBytes()] + known } ?? []
                switch verifier.verify(chain) {
                case .success(let peer): try PeerHandler(of: peer, verifier, edition: edition).insert(into: channel)
                case .failure(let rejection): throw PeerRefused(rejection: rejection)
                }
            }
        }
    }
#endif
