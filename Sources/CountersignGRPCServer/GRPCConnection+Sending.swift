import CountersignGRPC
import CountersignHTTP2
import CountersignTransport

extension GRPCConnection {
    /// Sends a message of a call, as far as the caller takes it now.
    func send(_ message: [UInt8], on key: GRPCStreamKey) {
        guard let stream = find(key), stream.status == nil else { return }
        guard stream.waiting.count + message.count <= listener.settings.maximumWaiting else {
            cut(stream, GRPCStatus(.resourceExhausted, "the caller reads slower than there is to tell"))
            return
        }
        if stream.waiting.isEmpty { stream.takenAt = listener.loop.now }
        stream.waiting.append(GRPCMessageReader.framed(message))
        sendHead(stream)
        sendPiece(stream)
    }

    /// Ends a call once what waits for it has been sent.
    func finish(_ status: GRPCStatus, on key: GRPCStreamKey, of call: GRPCCall? = nil) {
        guard let stream = find(key) else { return }
        stream.finished = call
        finish(status, stream)
    }

    func finish(_ status: GRPCStatus, _ stream: GRPCStream) {
        guard stream.status == nil else { return }
        stream.status = status
        if stream.waiting.isEmpty { end(stream, status) }
    }

    /// Ends a call whose caller is not told the rest, even where its end was decided and only waits for that.
    func cut(_ stream: GRPCStream, _ status: GRPCStatus) {
        stream.waiting.removeAll()
        stream.status = status
        end(stream, status)
    }

    /// Sends what waits, each stream in its turn.
    func sendWaiting() {
        guard !streams.isEmpty else { return }
        turn = (turn + 1) % streams.count
        for step in streams.indices {
            if let stream = streams[(turn + step) % streams.count] { sendPiece(stream) }
        }
    }

    private func sendPiece(_ stream: GRPCStream) {
        guard !stream.waiting.isEmpty else { return }
        let sent = unsafe connection.send(
            Span<UInt8>(_unsafeBytes: stream.waiting.readable),
            on: stream.stream,
            isEnd: false,
            listener.workspace
        )
        stream.waiting.consume(sent)
        if sent > 0 { stream.takenAt = listener.loop.now }
        if stream.waiting.isEmpty, let status = stream.status { end(stream, status) }
    }

    private func sendHead(_ stream: GRPCStream) {
        guard !stream.hasSentHead, connection.beginHead(stream.stream, listener.workspace) else { return }
        stream.hasSentHead = true
        connection.add(status: 200, listener.workspace)
        connection.add("content-type", "application/grpc", listener.workspace)
        connection.endHead(stream.stream, isEnd: false, listener.workspace)
    }

    /// Sends the status: as trailers, or with the head where there was no message.
    private func end(_ stream: GRPCStream, _ status: GRPCStatus) {
        if connection.beginHead(stream.stream, listener.workspace) {
            if !stream.hasSentHead {
                connection.add(status: 200, listener.workspace)
                connection.add("content-type", "application/grpc", listener.workspace)
            }
            add("grpc-status", String(status.code.rawValue))
            if !status.message.isEmpty { add("grpc-message", status.encodedMessage) }
            connection.endHead(stream.stream, isEnd: true, listener.workspace)
        }
        // A caller that has more to say is told that nobody listens (RFC 9113 section 8.1).
        connection.reset(stream.stream, .noError, listener.workspace)
        forget(stream)
    }

    private func add(_ name: StaticString, _ value: String) {
        let bytes = Array(value.utf8)
        connection.add(name, bytes.span, bytes.indices, listener.workspace)
    }

    /// A stream is over.
    func forget(_ stream: GRPCStream) {
        guard streams.indices.contains(stream.stream.slot), streams[stream.stream.slot] === stream else { return }
        streams[stream.stream.slot] = nil
        if let counted = stream.countedAs { listener.leaveCall(counted) }
        let call = stream.call
        stream.finished = nil
        stream.handler = nil
        call?.ended()
        idleSince = listener.loop.now
    }
}
