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
        var next = streams.reduce(UInt64.max) { next, stream in
            guard let stream else { return next }
            return min(next, stream.deadline, stream.requestDeadline, takingDeadline(of: stream))
        }
        if !wire.isEmpty { next = min(next, sentAt &+ settings.writeTime.nanoseconds) }
        if isInsideFrame { next = min(next, frameSince &+ settings.frameTime.nanoseconds) }
        if connection.streamCount == 0 { next = min(next, idleSince &+ idleTime) }
        return next
    }

    /// When the caller has to have taken something of what waits for it.
    private func takingDeadline(of stream: GRPCStream) -> UInt64 {
        stream.waiting.isEmpty ? .max : stream.takenAt &+ listener.settings.writeTime.nanoseconds
    }

    /// By what the connection keeps its place when there is no room; nil while the server owes it an answer.
    ///
    /// A request that has not come in whole does not count, nor does an answer that the caller does not take: who holds them
    /// back could keep others out.
    var claim: PlaceClaim? {
        guard !isClosed, streams.allSatisfy({ $0?.awaitsAnswer != true }) else { return nil }
        let isNew = listener.loop.now < acceptedAt &+ listener.settings.newcomerTime.nanoseconds
        return PlaceClaim(hasAsked: hasCalled || isNew, since: idleSince, id: id)
    }

    /// How long the connection may be without a call now, in nanoseconds.
    private var idleTime: UInt64 {
        (hasCalled ? listener.settings.idleTime : listener.settings.firstCallTime).nanoseconds
    }

    private var isInsideFrame: Bool { !inbound.isEmpty || connection.isInsideHeaderBlock || !connection.hasBegun }

    func deadlinePassed() {
        let now = listener.loop.now
        for case .some(let stream) in streams { endIfLate(stream, now) }
        let settings = listener.settings
        let isStuck = !wire.isEmpty && sentAt &+ settings.writeTime.nanoseconds <= now
        let isPartial = isInsideFrame && frameSince &+ settings.frameTime.nanoseconds <= now
        guard !isStuck, !isPartial else {
            close()
            return
        }
        let isIdle = connection.streamCount == 0 && idleSince &+ idleTime <= now
        if isIdle { isStopping = true }
        settle()
    }

    private func endIfLate(_ stream: GRPCStream, _ now: UInt64) {
        if stream.requestDeadline <= now {
            cut(stream, GRPCStatus(.deadlineExceeded, "the request has not come in whole"))
        } else if stream.deadline <= now {
            cut(stream, GRPCStatus(.deadlineExceeded, ""))
        } else if takingDeadline(of: stream) <= now {
            cut(stream, GRPCStatus(.resourceExhausted, "the caller does not take what there is to tell"))
        }
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
