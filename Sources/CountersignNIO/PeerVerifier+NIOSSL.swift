import CountersignPKI
public import CountersignService
public import NIOCore
public import NIOSSL

extension PeerVerifier {
    /// A verification for handlers of NIOSSL and for libraries that take one, in the place of all that BoringSSL would verify.
    ///
    /// The chain that is told on is the verified path without its root, leaf first. Why a peer is refused is told to nobody; see
    /// ``ServerTLS`` and ``ClientTLS`` for handlers that tell.
    public var nioVerification:
        @Sendable ([NIOSSLCertificate], EventLoopPromise<NIOSSLVerificationResultWithMetadata>) -> Void
    {
        { [self] certificates, promise in
            promise.completeWith(Result { try verified(certificates).result })
        }
    }

    /// Judges what a handshake brought.
    func verified(
        _ certificates: [NIOSSLCertificate]
    ) throws -> (verdict: Result<VerifiedPeer, ChainRejection>, result: NIOSSLVerificationResultWithMetadata) {
        let verdict = verify(try certificates.map { try $0.toDERBytes() })
        guard case .success(let peer) = verdict else { return (verdict, .failed) }
        let path = try ([peer.leafDER] + peer.issuersDER).map { try NIOSSLCertificate(bytes: $0, format: .der) }
        return (verdict, .certificateVerified(VerificationMetadata(ValidatedCertificateChain(path))))
    }
}
