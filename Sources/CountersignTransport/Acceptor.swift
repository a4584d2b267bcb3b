/// A listening socket on an event loop; it pauses while the system has no descriptors left.
///
/// Told of every turn while connections wait, a listener that cannot take them would keep its thread busy for nothing.
package final class Acceptor: ReadinessHandler {
    private unowned let loop: EventLoop
    private let descriptor: Int32
    private let accept: (Int32, SocketAddress) -> Void
    private let makeRoom: () -> Bool
    private let onExhaustion: () -> Void
    private var token = HandlerToken.none
    private var isPaused = false

    /// Starts to take connections.
    ///
    /// - Parameters:
    ///   - loop: where the socket is watched, and `accept` is called.
    ///   - descriptor: a listening socket, which is closed by ``close()``; where nothing is made, it stays the caller's.
    ///   - accept: takes over a connection.
    ///   - makeRoom: asked to close a connection when the system has no descriptors or memory left, for the next one; answers
    ///     whether it did.
    ///   - onExhaustion: told each time that the system has no descriptors or memory left, at most ten times a second.
    package init?(
        loop: EventLoop,
        descriptor: Int32,
        accept: @escaping (Int32, SocketAddress) -> Void,
        makeRoom: @escaping () -> Bool = { false },
        onExhaustion: @escaping () -> Void = {}
    ) {
        self.loop = loop
        self.descriptor = descriptor
        self.accept = accept
        self.makeRoom = makeRoom
        self.onExhaustion = onExhaustion
        guard let token = loop.addListener(descriptor, self) else { return nil }
        self.token = token
    }

    package func ready(_ readiness: Readiness) {
        guard !isPaused else { return }
        // What was closed in vain, as another took the descriptor or the system lacks something else, stays one a turn.
        var hasMadeRoom = false
        for _ in 0..<Self.acceptsPerTurn {
            switch Socket.accept(on: descriptor) {
            case .connection(let connection, let peer):
                hasMadeRoom = false
                accept(connection, peer)
            case .none: return
            case .exhausted:
                guard !hasMadeRoom, makeRoom() else {
                    pause()
                    return
                }
                hasMadeRoom = true
            }
        }
    }

    /// Waiting connections stay in the system's queue until there are descriptors again.
    private func pause() {
        isPaused = true
        loop.unwatch(descriptor)
        loop.setDeadline(token, at: loop.now &+ Self.pauseTime.nanoseconds)
        onExhaustion()
    }

    package func deadlinePassed() {
        if loop.watchListener(descriptor, token) {
            isPaused = false
        } else {
            loop.setDeadline(token, at: loop.now &+ Self.pauseTime.nanoseconds)
        }
    }

    /// Ends listening and closes the socket.
    package func close() {
        loop.remove(token)
        Socket.close(descriptor)
    }

    private static let acceptsPerTurn = 64
    private static let pauseTime = Duration.milliseconds(100)
}
