import CountersignHTTP2
import CountersignTelemetry
import CountersignTransport

extension ClientMultiplexer {
    /// Ends the connection in order: at once where no stream is open, else once those that are have ended.
    func end() {
        prepare()
        if connection.streamCount > 0 {
            connection.announceShutdown(worker.http2Workspace)
            flushUnlessReceiving()
        } else {
            connection.finishShutdown(worker.http2Workspace)
            flush()
            client.close()
        }
    }

    /// Closes the connection when its end was told and nothing is in flight any more.
    func closeIfDrained() {
        guard client.phase == .open, !isReceiving, !client.closesWhenFlushed else { return }
        guard connection.isShuttingDown || client.hasPeerEnded, connection.streamCount == 0, !hasWaitingContent
        else { return }
        end()
    }

    /// The client has ended its side: requests that are not complete are given up, the others answered.
    func peerEnded() {
        for stream in streams {
            guard let stream, !stream.hasRequestEnded else { continue }
            stream.cut("request_cut", status: ClientConnection.clientGone)
        }
        closeIfDrained()
    }

    /// The client owed the rest of a frame, or its next request.
    func requestDeadlinePassed() {
        guard waiting == .partial else {
            end()
            return
        }
        cutAll("request_timeout", status: 408)
        prepare()
        connection.finishShutdown(worker.http2Workspace)
        flush()
        client.close()
    }

    /// Gives up all exchanges, as the connection is gone or was cut.
    func cutAll(_ label: StaticString, status: Int) {
        for slot in streams.indices {
            guard let stream = streams[slot] else { continue }
            streams[slot] = nil
            stream.connectionCut(label, status: status)
        }
    }

    /// Called by a stream that is over.
    func release(_ stream: ClientStream) {
        let slot = stream.stream.slot
        if streams.indices.contains(slot), streams[slot] === stream { streams[slot] = nil }
        worker.giveBack(stream)
        guard !isReceiving else { return }
        settleClock()
        closeIfDrained()
    }

    private var hasWaitingContent: Bool { streams.contains { $0?.hasPending ?? false } }
}
