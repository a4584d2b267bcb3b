import CountersignPKI
import CountersignService
public import NIOCore
import NIOSSL
import NIOTLS

/// Stands behind the TLS handler of a connection and knows who its peer is.
///
/// A resumed session brings no certificates, so that its peer is judged here, before anything of it goes further.
final class PeerHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    private let verifier: PeerVerifier
    private let needsPeer: Bool
    private var verdict: Result<VerifiedPeer, ChainRejection>?
    private var isRefused = false

    init(_ verifier: PeerVerifier, needsPeer: Bool) {
        self.verifier = verifier
        self.needsPeer = needsPeer
    }

    /// The peer; nil before the end of the handshake, and when it showed no certificate.
    var peer: ConnectionPeer? {
        guard case .success(let peer) = verdict else { return nil }
        return ConnectionPeer(peer, verifier)
    }

    /// Judges what the handshake brought.
    func judge(_ certificates: [NIOSSLCertificate], _ promise: EventLoopPromise<NIOSSLVerificationResultWithMetadata>) {
        promise.completeWith(
            Result {
                let (verdict, result) = try verifier.verified(certificates)
                self.verdict = verdict
                return result
            }
        )
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What was sent along with the end of the handshake is decrypted before the connection is closed.
        if !isRefused { context.fireChannelRead(data) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent, verdict == nil {
            do {
                let leaf = try context.pipeline.syncOperations.nioSSL_peerCertificate()?.toDERBytes()
                verdict = leaf.map { verifier.verifyResumed(leaf: $0) }
            } catch {
                isRefused = true
                context.fireErrorCaught(error)
                return context.close(promise: nil)
            }
            if let fault { return refuse(context, fault) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // NIOSSL knows that a verification failed, and not why.
        guard error is NIOSSLError || error is BoringSSLError, case .failure(let rejection) = verdict else {
            return context.fireErrorCaught(error)
        }
        context.fireErrorCaught(PeerRefused(rejection: rejection))
    }

    private var fault: ChainRejection? {
        switch verdict {
        case .success: nil
        case .failure(let rejection): rejection
        case nil: needsPeer ? ChainRejection(.noCertificate, "the peer showed no certificate") : nil
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ rejection: ChainRejection) {
        isRefused = true
        context.fireErrorCaught(PeerRefused(rejection: rejection))
        context.close(promise: nil)
    }
}

extension Channel {
    /// Who is at the other end, by the handlers of ``ServerTLS`` or ``ClientTLS``; to be asked after the handshake.
    ///
    /// - Returns: nil when the peer showed no certificate, or the connection has no such handlers.
    public func countersignPeer() -> EventLoopFuture<ConnectionPeer?> {
        let promise = eventLoop.makePromise(of: ConnectionPeer?.self)
        let find = { @Sendable [self] in
            let own = try? pipeline.syncOperations.handler(type: PeerHandler.self)
            promise.succeed((own ?? outerPeerHandler)?.peer)
        }
        if eventLoop.inEventLoop { find() } else { eventLoop.execute(find) }
        return promise.futureResult
    }

    /// The handler of the connection that a stream of HTTP/2 is a channel below; a listener, which is one above, has none.
    private var outerPeerHandler: PeerHandler? {
        guard let parent, parent.eventLoop === eventLoop else { return nil }
        return try? parent.pipeline.syncOperations.handler(type: PeerHandler.self)
    }
}
