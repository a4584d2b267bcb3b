#if GRPC
    import CountersignNIO
    public import CountersignPKI
    import CountersignService
    import GRPCCore
    import GRPCNIOTransportHTTP2Posix
    import SwiftASN1
    import X509

    /// Finds out for each call who makes it, by what counts then, and tells the service by ``GRPCPeer/current``.
    ///
    /// A call that comes while its connection is being closed, as its client is good no more, is refused with UNAUTHENTICATED.
    struct PeerIdentityInterceptor: ServerInterceptor {
        private let verifier: PeerVerifier

        init(_ verifier: PeerVerifier) {
            self.verifier = verifier
        }

        /// Judges the client of a call.
        ///
        /// - Parameters:
        ///   - request: the call.
        ///   - context: what the transport knows of it.
        ///   - next: the service.
        func intercept<Input: Sendable, Output: Sendable>(
            request: StreamingServerRequest<Input>,
            context: ServerContext,
            next:
                @Sendable @concurrent (StreamingServerRequest<Input>, ServerContext) async throws ->
                StreamingServerResponse<Output>
        ) async throws -> StreamingServerResponse<Output> {
            let chain: [[UInt8]]
            do {
                chain = try Self.chain(of: context)
            } catch {
                throw RPCError(code: .unauthenticated, message: "the client's certificate cannot be read")
            }
            switch chain.count == 1 ? verifier.verifyResumed(leaf: chain[0]) : verifier.verify(chain) {
            case .success(let peer):
                return try await GRPCPeer.$current.withValue(peer) { try await next(request, context) }
            case .failure(let rejection):
                throw RPCError(
                    code: .unauthenticated,
                    message: "a client certificate that is trusted here is needed (\(rejection.metricLabel))"
                )
            }
        }

        /// The path that the handshake verified, or the leaf alone where a session was resumed; empty without a certificate.
        private static func chain(of context: ServerContext) throws -> [[UInt8]] {
            guard let transport = context.transportSpecific as? HTTP2ServerTransport.Posix.Context else { return [] }
            if let path = transport.peerCertificateChain { return try path.map(Self.der) }
            return try transport.peerCertificate.map { [try Self.der($0)] } ?? []
        }

        private static func der(_ certificate: Certificate) throws -> [UInt8] {
            var serializer = DER.Serializer()
            try serializer.serialize(certificate)
            return serializer.serializedBytes
        }
    }

    /// Who makes the call that the present task serves.
    public enum GRPCPeer {
        /// The client, as it was judged when the call came; nil outside of a call.
        @TaskLocal public static var current: VerifiedPeer?
    }
#endif
