public import NIOCore

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
