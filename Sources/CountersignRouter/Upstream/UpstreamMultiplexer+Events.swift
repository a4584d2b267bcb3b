import CountersignHTTP2
import CountersignTelemetry
import CountersignTransport

extension UpstreamMultiplexer {
    func handle(_ event: HTTP2Event, _ bytes: ByteQueue) {
        switch event {
        case .needMore, .oversizedHead, .refused: break
        case .head(let stream, let isEnd): find(stream)?.receiveHead(isEnd: isEnd)
        case .data(let stream, let range, let isEnd):
            guard let found = find(stream) else {
                connection.giveBack(range.count, worker.http2UpstreamWorkspace)
                return
            }
            unsafe found.receive(UnsafeRawBufferPointer(rebasing: bytes.readable[range]), isEnd: isEnd)
        case .trailers(let stream): find(stream)?.receiveTrailers()
        case .reset(let stream, let code): find(stream)?.wasReset(code)
        case .streamFailed(let stream, let violation):
            worker.metrics.protocolViolations.child(violation.metricLabel).add()
            find(stream)?.broke()
        case .windowGrew(let stream): windowGrew(stream)
        case .goAway(let last, _): goneAway(last: last)
        case .failed(let violation):
            worker.metrics.protocolViolations.child(violation.metricLabel).add()
            ended()
        }
    }

    private func find(_ stream: HTTP2Stream) -> UpstreamStream? {
        guard streams.indices.contains(stream.slot), let found = streams[stream.slot], found.stream == stream else {
            return nil
        }
        return found
    }

    private func windowGrew(_ stream: HTTP2Stream?) {
        if let stream {
            find(stream)?.sendPending()
        } else {
            for stream in streams { stream?.sendPending() }
            startWaiting()
        }
    }

    /// The endpoint takes nothing new, and has not looked at streams beyond `last`: their requests go elsewhere.
    private func goneAway(last: UInt32) {
        upstream.pool.forget(upstream)
        for stream in streams {
            if let stream, stream.stream.id > last { stream.wasNotLookedAt() }
        }
        startWaiting()
    }
}
