import CountersignGRPC
import CountersignHTTP2
import CountersignTransport

extension GRPCConnection {
    /// Sends what was written, ends the connection when nothing is left to do, and sets the clock of what is awaited.
    func settle() {
        guard !isClosed else { return }
        flush()
        if isStopping, connection.streamCount == 0, !endsWhenSent {
            connection.finishShutdown(listener.workspace)
            flush()
            endsWhenSent = true
        }
        guard !isClosed else { return }
        if endsWhenSent, wire.isEmpty {
            close()
            return
        }
        listener.loop.setDeadline(token, at: nextDeadline)
    }

    private var nextDeadline: UInt64 {
        let settings = listener.settings
        var next = streams.reduce(UInt64.max) { min($0, $1?.deadline ?? .max) }
        if !wire.isEmpty { next = min(next, sentAt &+ settings.writeTime.nanoseconds) }
        if isInsideFrame { next = min(next, frameSince &+ settings.frameTime.nanoseconds) }
        if connection.streamCount == 0 { next = min(next, idleSince &+ settings.idleTime.nanoseconds) }
        return next
    }

    private var isInsideFrame: Bool { !inbound.isEmpty || connection.isInsideHeaderBlock || !connection.hasBegun }

    func deadlinePassed() {
        let now = listener.loop.now
        for stream in streams {
            guard let stream, stream.deadline <= now else { continue }
            stream.deadline = .max
            stream.waiting.removeAll()
            finish(GRPCStatus(.deadlineExceeded), stream)
        }
        let settings = listener.settings
        let isStuck = !wire.isEmpty && sentAt &+ settings.writeTime.nanoseconds <= now
        let isPartial = isInsideFrame && frameSince &+ settings.frameTime.nanoseconds <= now
        guard !isStuck, !isPartial else {
            close()
            return
        }
        let isIdle = connection.streamCount == 0 && idleSince &+ settings.idleTime.nanoseconds <= now
        if isIdle { isStopping = true }
        settle()
    }

    /// Takes no more calls; those in hand may end.
    func beginStop() {
        guard !isStopping, !isClosed else { return }
        isStopping = true
        connection.announceShutdown(listener.workspace)
        settle()
    }

    /// Ends the connection at once, and with it its calls.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        listener.loop.remove(token)
        Socket.close(descriptor)
        for stream in streams {
            if let stream { forget(stream) }
        }
        listener.workspace.output.removeAll(keepingCapacity: true)
        listener.closed(self)
    }
}
