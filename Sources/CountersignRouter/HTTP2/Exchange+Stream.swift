import CountersignHTTP1
import CountersignRewriting
import CountersignTelemetry
import CountersignTransport

/// What an exchange does otherwise where its client speaks HTTP/2: it is told where content ends, and says it so.
extension Exchange {
    /// Passes content of the request on, which comes without framing.
    ///
    /// - Parameter isEnd: whether the request ends with it.
    func consumeContent(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) {
        guard upstream != nil, !isRequestComplete else { return }
        outcome.bytesReceived &+= UInt64(bytes.count)
        untilProgress -= bytes.count
        // The stream has counted as well. Were the two ever to differ, the rest would be a request of nobody's.
        if case .length(let length) = head.framing,
            outcome.bytesReceived > length || isEnd && outcome.bytesReceived < length
        {
            cut("protocol_violation", status: 400)
            return
        }
        let out = worker.upstreamOut
        out.removeAll()
        if bytes.count > 0 { unsafe writeBody(bytes, to: out) }
        if isEnd {
            if case .chunked = head.framing { endRequestChunks(out) }
            isRequestComplete = true
        }
        if !out.isEmpty { sendUpstream(out) }
        guard !isFinished else { return }
        if isRequestComplete { requestCompleted() } else { noteProgress() }
    }

    /// Keeps the lines of a trailer section that may pass.
    func keepTrailers(_ lines: [UInt8], in trailers: ByteQueue) {
        unsafe lines.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                var end = start
                while unsafe end < bytes.count && bytes[end] != 0x0A { end += 1 }
                let line = ByteRange(start: start, end: min(end + 1, bytes.count))
                unsafe TrailerRewriter.write(line, in: bytes, to: trailers)
                start = end + 1
            }
        }
    }

    /// Writes the access log line of a request that was refused with its stream.
    ///
    /// - Parameter status: what says best why; none was sent.
    func noteRefused(_ client: ClientConnection, status: Int) {
        reset(client, arrival: worker.loop.now)
        logRequest.version = .http2
        outcome.error = "protocol_violation"
        outcome.status = status
        isFinished = true
        record()
        self.client = nil
        worker.giveBack(self)
    }

    /// Gives the client until then for its next step.
    func setClientDeadline(_ timeout: Duration) {
        if let stream {
            // Where both sides speak at once, silence of one of them is part of the conversation.
            if responsePhase == .awaited { stream.setRequestDeadline(timeout) } else { stream.clearRequestDeadline() }
        } else {
            client?.setRequestDeadline(timeout)
        }
    }

    /// Sends content to the client; its end is said with the last of it where that is known.
    func emit(_ bytes: UnsafeRawBufferPointer, isLast: Bool) {
        guard let stream else {
            guard let client else { return }
            if isLast { unsafe client.sendSoon(bytes) } else { unsafe client.send(bytes) }
            return
        }
        unsafe stream.sendContent(bytes, isEnd: isLast && responseTrailers.isEmpty)
    }
}
