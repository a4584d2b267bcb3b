import CountersignHTTP1
import CountersignHTTP2
import CountersignTransport

extension UpstreamStream {
    /// Whether request content is taken now; while it is not, the client is not read.
    var takesMore: Bool {
        guard let multiplexer, stream != .none else { return false }
        return pending == nil && !multiplexer.upstream.unsent.isHeld
    }

    /// Whether the request is HEAD, so that its response has no content.
    var isHeadRequest: Bool { exchange?.head.method == .head }

    /// Sends the request's head, which was written as for HTTP/1.1 and is read by the same scanner.
    func sendHead() {
        guard let multiplexer, let exchange, let queue = head else { return }
        head = nil
        defer { worker.giveBack(queue) }
        let bytes = unsafe queue.readable
        guard unsafe worker.requestScanner.scan(Span<UInt8>(_unsafeBytes: bytes)) == .complete else { return }
        let workspace = worker.http2UpstreamWorkspace
        guard multiplexer.connection.beginHead(stream, workspace) else { return }
        let request = worker.requestScanner.head
        let source = unsafe Span<UInt8>(_unsafeBytes: bytes)
        multiplexer.connection.add(":method", source, request.methodRange.range, workspace)
        multiplexer.connection.add(":scheme", multiplexer.upstream.isSecure ? "https" : "http", workspace)
        multiplexer.connection.add(":authority", source, request.host.range, workspace)
        multiplexer.connection.add(":path", source, request.path.range, workspace)
        for field in worker.requestScanner.fields {
            switch field.kind {
            case .host, .transferEncoding, .connection, .keepAlive, .proxyConnection, .upgrade, .te: continue
            default: multiplexer.connection.add(source, name: field.name.range, value: field.value.range, workspace)
            }
        }
        // The router itself passes trailers on; services of gRPC ask for that.
        multiplexer.connection.add("te", "trailers", workspace)
        multiplexer.connection.endHead(stream, isEnd: exchange.isRequestComplete, workspace)
        multiplexer.flushUnlessReceiving()
    }

    /// Sends request content and empties the queue; what the windows do not let through waits.
    func send(_ bytes: ByteQueue) {
        defer { bytes.removeAll() }
        guard let multiplexer else { return }
        if let pending {
            unsafe pending.append(bytes.readable)
            return
        }
        multiplexer.prepare()
        let sent = unsafe multiplexer.connection.send(
            Span<UInt8>(_unsafeBytes: bytes.readable),
            on: stream,
            isEnd: false,
            worker.http2UpstreamWorkspace
        )
        if sent < bytes.count {
            bytes.consume(sent)
            let queue = worker.takeQueue()
            unsafe queue.append(bytes.readable)
            pending = queue
            stalled()
        }
        multiplexer.flushUnlessReceiving()
    }

    /// The request is complete: says so, behind what waits.
    func endRequest() {
        guard pending == nil else {
            endsBehindPending = true
            return
        }
        sendEnd()
        awaitResponse()
    }

    /// Sends what waits, now that a window has grown.
    func sendPending() {
        guard let multiplexer, let queue = pending else { return }
        multiplexer.prepare()
        let sent = unsafe multiplexer.connection.send(
            Span<UInt8>(_unsafeBytes: queue.readable),
            on: stream,
            isEnd: false,
            worker.http2UpstreamWorkspace
        )
        queue.consume(sent)
        if sent > 0 { stalled() }
        guard queue.isEmpty else {
            multiplexer.flushUnlessReceiving()
            return
        }
        pending = nil
        worker.giveBack(queue)
        clearDeadline()
        if endsBehindPending {
            sendEnd()
            awaitResponse()
        } else {
            multiplexer.flushUnlessReceiving()
            canSendMore()
        }
    }

    /// The endpoint takes bytes again.
    func canSendMore() {
        if takesMore { exchange?.upstreamCanTakeMore() }
    }

    private func sendEnd() {
        guard let multiplexer, let exchange, stream != .none else { return }
        multiplexer.prepare()
        let workspace = worker.http2UpstreamWorkspace
        let trailers = exchange.requestTrailers
        if trailers.isEmpty || !multiplexer.connection.beginHead(stream, workspace) {
            let nothing = unsafe Span<UInt8>(_unsafeBytes: trailers.readable)
            _ = multiplexer.connection.send(nothing.extracting(0..<0), on: stream, isEnd: true, workspace)
        } else {
            TrailerLines.forEach(unsafe Span<UInt8>(_unsafeBytes: trailers.readable)) { name, value in
                let lines = unsafe Span<UInt8>(_unsafeBytes: trailers.readable)
                multiplexer.connection.add(lines, name: name, value: value, workspace)
            }
            multiplexer.connection.endHead(stream, isEnd: true, workspace)
            trailers.removeAll()
        }
        multiplexer.flushUnlessReceiving()
    }

    /// The endpoint opens no window: its time runs, and the client's does not.
    private func stalled() {
        awaitResponse()
        exchange?.clearClientDeadline()
    }
}
