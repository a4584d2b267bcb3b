import CountersignHTTP1
import CountersignHTTP2
import CountersignTelemetry
import CountersignTransport

extension ClientMultiplexer {
    func handle(_ event: HTTP2Event, _ bytes: ByteQueue) {
        switch event {
        case .needMore: break
        case .head(let stream, let isEnd): begin(stream, isEnd: isEnd)
        case .oversizedHead(let stream, let isEnd): refuse(stream, isEnd: isEnd, ProtocolViolation(.headTooLarge))
        case .data(let stream, let range, let isEnd):
            let content = unsafe UnsafeRawBufferPointer(rebasing: bytes.readable[range])
            guard let found = find(stream) else {
                connection.giveBack(range.count, worker.http2Workspace)
                return
            }
            unsafe found.receive(content, isEnd: isEnd)
        case .trailers(let stream): find(stream)?.receiveTrailers()
        case .reset(let stream, _): find(stream)?.cut("client_gone", status: ClientConnection.clientGone)
        case .streamFailed(let stream, let violation):
            note(violation)
            find(stream)?.cut("protocol_violation", status: 400)
        case .refused(let violation):
            note(violation)
            let exchange = worker.takeExchange()
            exchange.noteRefused(client, status: violation == .tooManyStreams ? 503 : 400)
        case .windowGrew(let stream): windowGrew(stream)
        case .goAway: break
        case .failed(let violation): failed(violation)
        }
    }

    /// The stream's object; nil for one that is over on this side.
    private func find(_ stream: HTTP2Stream) -> ClientStream? {
        guard streams.indices.contains(stream.slot), let found = streams[stream.slot], found.stream == stream else {
            return nil
        }
        return found
    }

    private func take(_ stream: HTTP2Stream, isEnd: Bool) -> ClientStream {
        let taken = worker.takeClientStream()
        taken.begin(self, stream, isRequestEnd: isEnd)
        while streams.count <= stream.slot { streams.append(nil) }
        // The slot may still hold one whose stream is over and whose last bytes wait: those are lost with it.
        if let former = streams[stream.slot] { former.cut("client_gone", status: ClientConnection.clientGone) }
        streams[stream.slot] = taken
        return taken
    }

    private func begin(_ stream: HTTP2Stream, isEnd: Bool) {
        client.requestCount += 1
        if client.announcesEnd || worker.isDraining { connection.announceShutdown(worker.http2Workspace) }
        let taken = take(stream, isEnd: isEnd)
        let head = worker.http2Head
        head.removeAll()
        head.append(worker.http2Workspace.message)
        let exchange = worker.takeExchange()
        taken.exchange = exchange
        switch unsafe worker.requestScanner.scan(Span<UInt8>(_unsafeBytes: head.readable)) {
        case .complete: exchange.begin(client: client, bytes: head, arrival: worker.loop.now, stream: taken)
        case .violation(let violation):
            exchange.refuseMalformed(client: client, violation, arrival: worker.loop.now, stream: taken)
        case .needMore:
            exchange.refuseMalformed(
                client: client,
                ProtocolViolation(.malformedRequestLine),
                arrival: worker.loop.now,
                stream: taken
            )
        }
    }

    private func refuse(_ stream: HTTP2Stream, isEnd: Bool, _ violation: ProtocolViolation) {
        let taken = take(stream, isEnd: isEnd)
        let exchange = worker.takeExchange()
        taken.exchange = exchange
        exchange.refuseMalformed(client: client, violation, arrival: worker.loop.now, stream: taken)
    }

    private func windowGrew(_ stream: HTTP2Stream?) {
        if let stream { find(stream)?.sendPending() } else { sendPending() }
    }

    /// The connection is over, and the client is told why.
    private func failed(_ violation: HTTP2Violation) {
        note(violation)
        flush()
        cutAll("protocol_violation", status: 400)
        client.close()
    }

    private func note(_ violation: HTTP2Violation) {
        worker.noteViolation(violation, client)
    }
}
