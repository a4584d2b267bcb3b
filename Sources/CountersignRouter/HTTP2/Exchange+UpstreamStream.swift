import CountersignHTTP1
import CountersignTelemetry
import CountersignTransport

/// What there was of a stream that is gone, and decides whether its request may be sent again.
struct LostStream {
    /// Nothing of the response had come.
    let hasReadNothing: Bool
    /// The connection had carried a request before.
    let wasReused: Bool
}

/// What an exchange does otherwise where its endpoint speaks HTTP/2: content is passed on as it is, and its end said.
extension Exchange {
    /// Whether the endpoint takes request content now.
    var upstreamTakesMore: Bool {
        if let upstreamStream { return upstreamStream.takesMore }
        return upstream?.takesMore ?? false
    }

    /// Sends request bytes and empties the queue.
    func sendUpstream(_ bytes: ByteQueue) {
        if let upstreamStream { upstreamStream.send(bytes) } else { upstream?.send(bytes) }
    }

    /// Lets go of the connection to the endpoint, or of the stream on it.
    func releaseUpstream(reusable: Bool) {
        if let stream = upstreamStream {
            upstreamStream = nil
            upstream = nil
            stream.exchangeFinished()
        } else if lostStream != nil {
            lostStream = nil
            upstream = nil
        } else if let upstream {
            self.upstream = nil
            upstream.exchangeFinished(reusable: reusable)
        }
    }

    /// How the content of a response is read: on a stream it comes without framing, and its end is told.
    func contentFraming(_ response: ResponseHead) -> BodyFraming {
        guard let upstreamStream, response.framing != .none else { return response.framing }
        return upstreamStream.hasResponseEnded && stream != nil ? .none : .untilClose
    }

    /// The endpoint has said that it did not look at the request: it is sent again where all of it is still here.
    func upstreamDidNotLook() {
        guard !isFinished else { return }
        worker.countUpstreamError(.closedEarly)
        let isWhole = head.framing == .none || head.framing == .length(0)
        if isWhole, responsePhase == .awaited {
            releaseUpstream(reusable: false)
            if sendAgain() || isFinished { return }
        }
        refuseOrCut()
    }

    /// The response breaks the rules of HTTP/2.
    func upstreamMalformed() {
        guard !isFinished else { return }
        endpointFailed(.malformed)
        worker.countUpstreamError(.malformedResponse)
        if responsePhase == .awaited { refuse(.malformedResponse) } else { cut("malformed_response") }
    }

    private func refuseOrCut() {
        if responsePhase == .awaited { refuse(.endpointFailure) } else { cut("backend_cut_response") }
    }
}
