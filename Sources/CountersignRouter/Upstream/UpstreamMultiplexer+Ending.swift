import CountersignHTTP2
import CountersignTelemetry
import CountersignTransport

extension UpstreamMultiplexer {
    /// Sets the connection's state and clock by whether anything is in flight; one that is of no more use is closed.
    func settle() {
        guard !isReceiving, isOpen, upstream.state == .active || upstream.state == .idle else { return }
        if isBusy {
            if upstream.state == .idle { upstream.become(.active) }
            if !upstream.unsent.isHeld { upstream.setDeadline(at: .max) }
            return
        }
        guard !connection.hasPeerGoneAway, !connection.hasFailed, upstream.mayBeKept, upstream.pool.isInUse,
            !upstream.sawHangUp
        else {
            upstream.close()
            return
        }
        guard upstream.state == .active else { return }
        upstream.become(.idle)
        upstream.setDeadline(at: worker.loop.now &+ worker.timeouts.upstreamKeepAlive.nanoseconds)
    }

    /// The endpoint has ended the connection, or it failed: what was in flight on it is lost.
    func ended() {
        upstream.pool.forget(upstream)
        let all = takeAll()
        flush()
        upstream.close()
        for stream in all { stream.connectionEnded() }
    }

    /// The connection must not go on.
    func lost(_ label: StaticString, _ failure: UpstreamFailure) {
        let all = takeAll()
        upstream.close()
        for stream in all { stream.lost(label, failure) }
    }

    /// The endpoint does not read: all that is in flight has timed out.
    func timedOut() {
        let all = takeAll()
        upstream.close()
        for stream in all { stream.timedOut() }
    }

    /// The endpoint takes bytes again.
    func outboundEmptied() {
        settle()
        for stream in streams { stream?.canSendMore() }
    }

    /// Called by a stream that is over.
    func release(_ stream: UpstreamStream) {
        worker.giveBack(stream)
        forget(stream)
    }

    /// Called by a stream that needs the connection no more.
    func forget(_ stream: UpstreamStream) {
        let slot = stream.stream.slot
        if streams.indices.contains(slot), streams[slot] === stream { streams[slot] = nil }
        waiting.removeAll { $0 === stream }
        startWaiting()
        settle()
    }

    private func takeAll() -> [UpstreamStream] {
        let all = streams.compactMap(\.self) + waiting
        streams = []
        waiting = []
        return all
    }
}
