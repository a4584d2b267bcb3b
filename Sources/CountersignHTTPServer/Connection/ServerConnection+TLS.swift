import CountersignPKI
import CountersignTLS
import CountersignTransport

extension ServerConnection {
    func continueHandshake() {
        guard let session else { return }
        let step = session.handshake()
        _ = sendWire()
        guard phase == .handshake else { return }
        switch step {
        case .needMore: break
        case .failed(let failure):
            failHandshake(failure)
        case .finished:
            info = ServerConnectionInfo(id: info.id, remote: info.remote, isTLS: true, peer: session.peer)
            phase = .open
            idleSince = listener.loop.now
            if session.peer != nil { listener.watchPeers() }
            guard session.writeTickets() else {
                close()
                return
            }
            _ = sendWire()
            guard phase == .open else { return }
            readPlaintext(session)
            process()
        }
    }

    func failHandshake(_ failure: TLSFailure) {
        listener.tls?.onFailure(info.remote, failure)
        linger()
    }

    /// Decrypts what was fed.
    func readPlaintext(_ session: TLSSession) {
        switch session.read(into: inbound) {
        case .needMore: break
        case .closed: hasPeerEnded = true
        case .failed: close()
        }
    }

    /// Encrypts into ``wire``.
    func seal(_ plaintext: UnsafeRawBufferPointer) {
        guard let session else { return }
        if unsafe !session.write(plaintext) { close() }
    }

    /// Why the client is no longer accepted; `nil` when it is, or never had to be.
    ///
    /// It is judged again when its verdict has run out, or when the context or the trust was replaced since.
    func faultOfPeer() -> ChainRejection? {
        guard let peer = info.peer, let accepted = acceptance else { return nil }
        let context = listener.tls?.context() ?? accepted.context
        let edition = context.edition
        let isFresh = listener.loop.wallClock / 1_000_000_000 <= peer.verifiedUntil
        if isFresh, context === accepted.context, edition == accepted.edition { return nil }
        switch context.verifyAgain(peer) {
        case .success(let verified):
            acceptance = (context, edition)
            info = ServerConnectionInfo(id: info.id, remote: info.remote, isTLS: true, peer: verified)
            return nil
        case .failure(let rejection):
            listener.tls?.onFailure(info.remote, .certificateRejected(rejection))
            return rejection
        }
    }

    /// Cuts the connection when its client is no longer accepted.
    func recheckPeer() {
        if phase == .open, faultOfPeer() != nil { abort(.peerGone) }
    }
}
