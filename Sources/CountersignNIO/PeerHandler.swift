package import CountersignPKI
package import CountersignService
package import NIOCore
import NIOSSL
import NIOTLS

/// Stands behind the TLS handler of a connection, knows who its peer is, and ends the connection when that counts no more.
///
/// A resumed session brings no certificates, so that its peer is judged here, before anything of it goes further.
package final class PeerHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = NIOAny
    package typealias InboundOut = NIOAny
    package typealias OutboundIn = NIOAny
    package typealias OutboundOut = NIOAny

    private let verifier: PeerVerifier
    private let needsPeer: Bool
    private let handshakeTimeout: Duration
    private let edition: ClientEdition?
    private let needsTLS13: Bool
    private var verdict: Result<VerifiedPeer, ChainRejection>?
    private var isHandshakeOver = false
    private var deadline: Scheduled<Void>?
    private var watch: PeerWatch?
    private var standing: StandingPeer?
    /// Why the connection is ended; nothing passes any more.
    private var fault: (any Error)?

    /// Makes the handler of one connection.
    ///
    /// - Parameters:
    ///   - verifier: judges the peer.
    ///   - needsPeer: whether a peer without a certificate is refused.
    ///   - handshakeTimeout: how long the handshake may take from the beginning of the connection.
    ///   - edition: that of the client; nil where this process is the server.
    ///   - needsTLS13: whether a connection of an older TLS is closed, for where nothing keeps the handler from making one.
    package init(
        _ verifier: PeerVerifier,
        needsPeer: Bool,
        handshakeTimeout: Duration,
        edition: ClientEdition? = nil,
        needsTLS13: Bool = false
    ) {
        self.verifier = verifier
        self.needsPeer = needsPeer
        self.handshakeTimeout = handshakeTimeout
        self.edition = edition
        self.needsTLS13 = needsTLS13
    }

    /// Makes the handler of a connection whose handshake is over.
    ///
    /// - Parameters:
    ///   - peer: who was verified.
    ///   - verifier: judges the peer again.
    ///   - edition: that of the client.
    package convenience init(of peer: VerifiedPeer, _ verifier: PeerVerifier, edition: ClientEdition) {
        self.init(verifier, needsPeer: true, handshakeTimeout: .zero, edition: edition)
        verdict = .success(peer)
        isHandshakeOver = true
    }

    /// The peer; nil before the end of the handshake, and when it showed no certificate.
    var peer: ConnectionPeer? {
        guard case .success(let peer) = verdict else { return nil }
        return ConnectionPeer(peer, standing(peer))
    }

    /// One verdict for the watch and for who asks before each request.
    private func standing(_ peer: VerifiedPeer) -> StandingPeer {
        if let standing { return standing }
        let made = StandingPeer(peer, verifier)
        standing = made
        return made
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

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) { end() }

    package func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What was sent along with the end of the handshake is decrypted before the connection is closed.
        if fault == nil { context.fireChannelRead(data) }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let fault { promise?.fail(fault) } else { context.write(data, promise: promise) }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted = event as? TLSUserEvent {
            isHandshakeOver = true
            deadline?.cancel()
            do {
                try judgeVersion(context)
                if let rejection = try judgeHandshake(context) { return refuse(context, rejection) }
            } catch {
                return close(context, error)
            }
            startWatch(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // NIOSSL knows that a verification failed, and not why.
        guard error is NIOSSLError || error is BoringSSLError, case .failure(let rejection) = verdict else {
            return context.fireErrorCaught(error)
        }
        context.fireErrorCaught(PeerRefused(rejection: rejection))
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !isHandshakeOver else { return startWatch(context) }
        guard deadline == nil else { return }
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(handshakeTimeout)) {
            self.close(context, HandshakeTimedOut())
        }
    }

    private func end() {
        deadline?.cancel()
        watch?.stop()
        watch = nil
    }

    private func judgeVersion(_ context: ChannelHandlerContext) throws {
        guard needsTLS13 else { return }
        let tls = try context.pipeline.syncOperations.handler(type: NIOSSLHandler.self)
        guard tls.tlsVersion == .tlsv13 else { throw ProtocolVersionRefused() }
    }

    /// Judges the peer of a session that was resumed, or that another handler has verified.
    private func judgeHandshake(_ context: ChannelHandlerContext) throws -> ChainRejection? {
        if verdict == nil {
            let leaf = try context.pipeline.syncOperations.nioSSL_peerCertificate()?.toDERBytes()
            verdict = leaf.map { verifier.verifyResumed(leaf: $0) }
        }
        return switch verdict {
        case .success: nil
        case .failure(let rejection): rejection
        case nil: needsPeer ? ChainRejection(.noCertificate, "the peer showed no certificate") : nil
        }
    }

    private func startWatch(_ context: ChannelHandlerContext) {
        guard watch == nil, case .success(let peer) = verdict else { return }
        let watch = PeerWatch(peer, standing(peer), verifier, edition: edition, on: context.eventLoop) { rejection in
            self.refuse(context, rejection)
        }
        self.watch = watch
        watch.start()
    }

    private func refuse(_ context: ChannelHandlerContext, _ rejection: ChainRejection) {
        close(context, PeerRefused(rejection: rejection))
    }

    /// Tells the end of TLS, and waits for no answer: a peer that is not to be heard could keep the connection otherwise.
    private func close(_ context: ChannelHandlerContext, _ error: any Error) {
        fault = error
        context.fireErrorCaught(error)
        context.close(promise: nil)
        let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLHandler.self)
        tls?.close(promise: nil)
    }
}
