import CountersignHTTP2
import CountersignTelemetry
import CountersignTransport

extension ClientMultiplexer {
    /// Ends the connection in order: at once where no stream is open, else once those that are have ended.
    func end() {
        prepare()
        if connection.streamCount > 0 {
            connection.announceShutdown(worker.http2Workspace)
            flushSoon()
        } else {
            connection.finishShutdown(worker.http2Workspace)
            flush()
            client.close()
        }
    }

    /// Closes the connection when its end was told and nothing is in flight any more.
    func closeIfDrained() {
        guard client.phase == .open, !isReceiving, !client.closesWhenFlushed else { return }
        guard connection.isShuttingDown, connection.streamCount == 0, !hasWaitingContent else { return }
        end()
    }

    /// The client is gone: HTTP/2 has no half-closed connections, and who ends one waits for nothing.
    ///
    /// Endpoints are told at once, so that nobody works on an answer that nobody will read.
    func peerEnded() {
        cutAll("client_gone", status: ClientConnection.clientGone)
        client.close()
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
        // Sending may have ended the connection, and with it this stream, before it came here.
        guard streams.indices.contains(slot), streams[slot] === stream else { return }
        streams[slot] = nil
        worker.giveBack(stream)
        guard !isReceiving else { return }
        settleClock()
        closeIfDrained()
    }

    private var hasWaitingContent: Bool { streams.contains { $0?.hasPending ?? false } }
}
