package import CountersignGRPC
import CountersignTransport
import Synchronization

/// One call: what its caller said, and the right to answer, from any thread.
///
/// Dropped without an end, it ends as INTERNAL. Once it is over, answering does nothing.
package final class GRPCCall: Sendable {
    /// What the caller said before its messages.
    package let head: GRPCRequestHead
    /// Who is calling.
    package let peer: GRPCPeer

    private let mailbox: Mailbox
    private let connection: UInt64
    private let stream: GRPCStreamKey
    private let state = Mutex(State())

    private struct State {
        var isFinished = false
        /// The call is over on the wire, whoever has ended it.
        var hasEnded = false
        var onEnd: (@Sendable () -> Void)?
    }

    init(head: GRPCRequestHead, peer: GRPCPeer, mailbox: Mailbox, connection: UInt64, stream: GRPCStreamKey) {
        self.head = head
        self.peer = peer
        self.mailbox = mailbox
        self.connection = connection
        self.stream = stream
    }

    deinit {
        let (isOpen, onEnd) = state.withLock { state in
            let onEnd = state.hasEnded ? nil : state.onEnd
            state.onEnd = nil
            return (claim(&state), onEnd)
        }
        if isOpen {
            deliver { [stream] in $0.finish(GRPCStatus(.internalError, "the call was dropped"), on: stream) }
        }
        onEnd?()
    }

    /// Sends a message.
    package func send(_ message: [UInt8]) {
        guard !state.withLock({ $0.isFinished || $0.hasEnded }) else { return }
        deliver { [stream] in $0.send(message, on: stream) }
    }

    /// Ends the call; the first end counts.
    package func finish(_ status: GRPCStatus) {
        guard state.withLock({ claim(&$0) }) else { return }
        // The call stays until it is over on the wire, as that is when somebody may want to be told.
        deliver { [self] in $0.finish(status, on: stream, of: self) }
    }

    /// Answers with one message, and that is all.
    package func answer(_ message: [UInt8]) {
        send(message)
        finish(.ok)
    }

    /// Has a closure called once when the call is over: finished, given up by its caller, or cut; at once if it is already.
    ///
    /// It runs on the server's thread, or on the one that calls this, and must not block.
    package func whenEnded(_ onEnd: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if !state.hasEnded { state.onEnd = onEnd }
            return state.hasEnded
        }
        if isOver { onEnd() }
    }

    /// Called by the connection once nothing of the call is left there.
    func ended() {
        let onEnd = state.withLock { state in
            state.hasEnded = true
            defer { state.onEnd = nil }
            return state.onEnd
        }
        onEnd?()
    }

    private func claim(_ state: inout State) -> Bool {
        guard !state.isFinished, !state.hasEnded else { return false }
        state.isFinished = true
        return true
    }

    private func deliver(_ work: @escaping @Sendable (GRPCConnection) -> Void) {
        mailbox.send { [connection] loop in
            guard let found = (loop.context as? GRPCListener)?.connection(connection) else { return }
            work(found)
            found.settle()
        }
    }
}
