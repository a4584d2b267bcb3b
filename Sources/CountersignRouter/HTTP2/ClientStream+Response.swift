import CountersignHTTP1
import CountersignHTTP2
import CountersignRewriting
import CountersignTransport

extension ClientStream {
    /// Whether the backend may be read: nothing waits for the client.
    var takesMore: Bool {
        guard let multiplexer, pending == nil else { return false }
        return !multiplexer.client.unsent.isHeld
    }

    /// How many bytes of a response are read from the backend at once: what the windows let through, and a little more.
    var readLimit: Int {
        guard let multiplexer else { return Self.leastRead }
        return max(Self.leastRead, multiplexer.connection.sendRoom(stream))
    }

    /// Sends a response head; the fields that end at this hop are left out.
    ///
    /// - Parameters:
    ///   - more: lines of fields that the router adds.
    ///   - isEnd: whether the response has neither content nor trailers.
    func sendHead(
        _ head: ResponseHead,
        fields: [HeaderField],
        in bytes: UnsafeRawBufferPointer,
        more: ByteQueue? = nil,
        isEnd: Bool
    ) {
        guard let multiplexer else { return }
        multiplexer.prepare()
        let workspace = worker.http2Workspace
        guard multiplexer.connection.beginHead(stream, workspace) else { return }
        multiplexer.connection.add(status: head.status, workspace)
        for field in fields where unsafe ResponseRewriter.isForwarded(field, in: bytes) {
            unsafe multiplexer.connection.add(
                Span<UInt8>(_unsafeBytes: bytes),
                name: field.name.range,
                value: field.value.range,
                workspace
            )
        }
        if let more, !more.isEmpty { add(more, multiplexer) }
        multiplexer.connection.endHead(stream, isEnd: isEnd, workspace)
        if isEnd { hasEnded = true }
    }

    private func add(_ lines: ByteQueue, _ multiplexer: ClientMultiplexer) {
        TrailerLines.forEach(unsafe Span<UInt8>(_unsafeBytes: lines.readable)) { name, value in
            unsafe multiplexer.connection.add(
                Span<UInt8>(_unsafeBytes: lines.readable),
                name: name,
                value: value,
                worker.http2Workspace
            )
        }
    }

    /// Sends an answer of the router itself.
    func sendAnswer(
        status: Int,
        header: StaticString,
        challenge: StaticString = "",
        body: ByteQueue,
        isHeadRequest: Bool
    ) {
        guard let multiplexer else { return }
        multiplexer.prepare()
        let workspace = worker.http2Workspace
        guard multiplexer.connection.beginHead(stream, workspace) else { return }
        multiplexer.connection.add(status: status, workspace)
        multiplexer.connection.add("content-type", "text/plain; charset=utf-8", workspace)
        multiplexer.connection.add("x-content-type-options", "nosniff", workspace)
        if header.utf8CodeUnitCount > 0 { multiplexer.connection.add("x-cf-routererror", header, workspace) }
        if challenge.utf8CodeUnitCount > 0 {
            multiplexer.connection.add("www-authenticate", challenge, workspace)
        }
        let name = worker.http2Head
        name.removeAll()
        name.append("content-length")
        let middle = name.count
        name.append(decimal: UInt64(body.count))
        unsafe multiplexer.connection.add(
            Span<UInt8>(_unsafeBytes: name.readable),
            name: 0..<middle,
            value: middle..<name.count,
            workspace
        )
        multiplexer.connection.endHead(stream, isEnd: isHeadRequest, workspace)
        if isHeadRequest { hasEnded = true } else { unsafe sendContent(body.readable, isEnd: true) }
        multiplexer.flushSoon()
    }

    /// Sends content; what the windows do not let through waits.
    ///
    /// - Parameter isEnd: whether the response ends behind it, without trailers.
    func sendContent(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) {
        guard let multiplexer, !hasEnded else { return }
        if isEnd { hasEnded = true }
        if let pending {
            unsafe pending.append(bytes)
            endsBehindPending = endsBehindPending || isEnd
            return
        }
        multiplexer.prepare()
        let sent = unsafe multiplexer.connection.send(
            Span<UInt8>(_unsafeBytes: bytes),
            on: stream,
            isEnd: isEnd,
            worker.http2Workspace
        )
        if sent < bytes.count {
            let queue = worker.takeQueue()
            unsafe queue.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            pending = queue
            endsBehindPending = isEnd
            startStallClock()
        }
        multiplexer.flushSoon()
    }

    /// Ends the response, with the trailers if there are any.
    func endResponse(trailers lines: ByteQueue) {
        guard !hasEnded else {
            lines.removeAll()
            return
        }
        if lines.isEmpty {
            unsafe sendContent(UnsafeRawBufferPointer(start: nil, count: 0), isEnd: true)
            if hasPending { endsBehindPending = true }
            return
        }
        hasEnded = true
        unsafe trailers.append(lines.readable)
        lines.removeAll()
        if !hasPending { sendTrailers() }
    }

    /// Sends a piece of what waits.
    ///
    /// - Returns: whether anything was sent.
    func sendPiece() -> Bool {
        guard let multiplexer, let queue = pending else { return false }
        multiplexer.prepare()
        let piece = min(queue.count, Self.quantum)
        let isLast = piece == queue.count && endsBehindPending
        let sent = unsafe multiplexer.connection.send(
            Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(rebasing: queue.readable[0..<piece])),
            on: stream,
            isEnd: isLast,
            worker.http2Workspace
        )
        queue.consume(sent)
        if sent > 0 { progressed(sent) }
        guard queue.isEmpty else { return sent > 0 }
        pending = nil
        worker.giveBack(queue)
        stopStallClock()
        pendingSent()
        return sent > 0
    }

    /// Sends what waits on this stream alone.
    func sendPending() {
        guard let multiplexer, hasPending else { return }
        while hasPending, multiplexer.client.phase == .open, !multiplexer.client.unsent.isHeld {
            guard sendPiece() else { break }
        }
        multiplexer.flushSoon()
    }

    private func pendingSent() {
        if !trailers.isEmpty { sendTrailers() }
        if let exchange { exchange.clientCanTakeMore() } else { finish() }
    }

    private func sendTrailers() {
        guard let multiplexer else { return }
        multiplexer.prepare()
        let workspace = worker.http2Workspace
        guard multiplexer.connection.beginHead(stream, workspace) else { return }
        add(trailers, multiplexer)
        multiplexer.connection.endHead(stream, isEnd: true, workspace)
        trailers.removeAll()
        multiplexer.flushSoon()
    }

    private static let leastRead = 16 * 1024
    private static let quantum = 16 * 1024
}
