import CountersignHTTP1
import CountersignRewriting
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

extension Exchange {
    /// Whether the client takes response bytes now; while it does not, the backend is not read.
    var clientTakesMore: Bool {
        if let stream { return stream.takesMore }
        guard let client else { return false }
        return !client.unsent.isHeld
    }

    func clientCanTakeMore() {
        if isTunnel { passEndToClient() }
        if let upstreamStream { upstreamStream.clientCanTakeMore() } else { upstream?.clientCanTakeMore() }
    }

    /// Takes what the backend sent and passes it on.
    ///
    /// When the exchange is finished by it, the caller looks to the connection and then calls ``handOver()``.
    ///
    /// - Returns: how many of the bytes were used; the rest is needed again with more behind it.
    func receiveResponse(_ bytes: UnsafeRawBufferPointer) -> Int {
        isReceiving = true
        defer { isReceiving = false }
        var used = 0
        while used < bytes.count, !isFinished {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[used...])
            let count: Int?
            switch responsePhase {
            case .awaited: count = unsafe receiveHead(rest)
            case .body, .complete: count = unsafe receiveBody(rest)
            case .tunnel: count = unsafe relayFromUpstream(rest)
            }
            guard let count else { return used }
            used += count
        }
        return used
    }

    /// Scans a response head; `nil` when it is not complete.
    private func receiveHead(_ bytes: UnsafeRawBufferPointer) -> Int? {
        switch unsafe worker.responseScanner.scan(Span<UInt8>(_unsafeBytes: bytes), requestMethod: head.method) {
        case .needMore: return nil
        case .violation(let violation):
            malformed(violation)
            return nil
        case .complete: break
        }
        let response = worker.responseScanner.head
        if response.isInterim {
            unsafe passInterim(response, bytes)
            return response.length
        }
        noteResponse(response.status)
        responseBody.restart(contentFraming(response))
        decideFraming(response)
        upstream?.keepsAlive = response.keepAlive
        noteStatus(response.status)
        responsePhase = .body
        if !isRequestComplete { stream?.clearRequestDeadline() }
        let out = worker.clientOut
        out.removeAll()
        unsafe writeHead(response, bytes, to: out)
        var used = response.length
        if !responseBody.isFinished {
            let body = unsafe UnsafeRawBufferPointer(rebasing: bytes[response.length...])
            guard let count = unsafe appendBody(body, to: out) else { return nil }
            used += count
        }
        let isComplete = responsePhase == .complete || responseBody.isFinished
        unsafe emit(out.readable, isLast: isComplete)
        if isComplete, !isFinished { responseCompleted() }
        return used
    }

    private func writeHead(_ response: ResponseHead, _ bytes: UnsafeRawBufferPointer, to out: ByteQueue) {
        if let stream {
            let cookie = worker.http2Head
            cookie.removeAll()
            if let session = unsafe session(bytes) {
                unsafe session.cookie.write(session.instance, path: session.path, in: bytes, to: cookie)
            }
            unsafe stream.sendHead(
                response,
                fields: worker.responseScanner.fields,
                in: bytes,
                more: cookie,
                isEnd: responseBody.isFinished
            )
            return
        }
        unsafe ResponseRewriter.write(
            response,
            fields: worker.responseScanner.fields,
            in: bytes,
            framing: ResponseRewriter.Framing(
                isChunked: chunksResponse,
                persistence: !keepsClient ? .close : head.version == .http10 ? .keepAlive : .implied,
                session: session(bytes)
            ),
            to: out
        )
    }

    /// Notes the status that the client gets, and how long the endpoint took for it.
    func noteResponse(_ status: Int) {
        outcome.status = status
        outcome.upstreamDuration = Int64(clamping: max(worker.loop.now, sentAt) &- sentAt)
        worker.observeUpstream(outcome.upstreamDuration)
    }

    /// How the response ends for this client: HTTP/1.0 knows no chunks, and closing must not be needed in 1.1.
    private func decideFraming(_ response: ResponseHead) {
        guard stream == nil else {
            chunksResponse = false
            return
        }
        switch response.framing {
        case .chunked, .untilClose:
            chunksResponse = head.version == .http11
            if !chunksResponse { keepsClient = false }
        case .none, .length: chunksResponse = false
        }
        if !isRequestComplete, responseBody.isFinished || isContentUnasked { keepsClient = false }
        if worker.isDraining || client?.announcesEnd ?? false { keepsClient = false }
    }

    /// Whether the client waits with its content for a 100 response that does not come any more.
    ///
    /// It may send the content all the same, or not: what would follow on the connection could be either.
    private var isContentUnasked: Bool { head.expectContinue && interimResponses == 0 }

    /// What keeps the backend's session with this instance; `nil` where there is none, or nothing new to say of it.
    private func session(_ bytes: UnsafeRawBufferPointer) -> ResponseRewriter.Session? {
        var hasMoved = false
        if let named = stickyInstance, let endpoint = routeState?.endpoint(at: endpointPosition) {
            let name = unsafe headBytes.readable[named.start..<named.end]
            hasMoved = unsafe !name.elementsEqual(EndpointIndex.name(of: endpoint))
        }
        let cookie = unsafe StickySession.cookie(
            in: worker.responseScanner.fields,
            of: bytes,
            worker.balancing.sticky,
            hadSession: hasMoved
        )
        guard let cookie, let route, let endpoint = routeState?.endpoint(at: endpointPosition) else { return nil }
        let instance = EndpointIndex.name(of: endpoint)
        return ResponseRewriter.Session(cookie: cookie, instance: instance, path: route.pattern.path)
    }

    /// Passes an interim response on; to HTTP/1.0 none may be sent (RFC 9110 section 15.2).
    private func passInterim(_ response: ResponseHead, _ bytes: UnsafeRawBufferPointer) {
        guard response.status != 101 else {
            unsafe switchProtocols(response, bytes)
            return
        }
        interimResponses += 1
        guard interimResponses <= Self.maximumInterimResponses else {
            worker.countUpstreamError(.malformedResponse)
            refuse(.malformedResponse)
            return
        }
        guard head.version == .http11, let client else { return }
        if let stream {
            unsafe stream.sendHead(response, fields: worker.responseScanner.fields, in: bytes, isEnd: false)
            stream.multiplexer?.flushSoon()
            return
        }
        let out = worker.clientOut
        out.removeAll()
        unsafe ResponseRewriter.write(
            response,
            fields: worker.responseScanner.fields,
            in: bytes,
            framing: .interim,
            to: out
        )
        unsafe client.send(out.readable)
    }

    private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let out = worker.clientOut
        out.removeAll()
        guard let used = unsafe appendBody(bytes, to: out) else { return nil }
        let isComplete = responsePhase == .complete || responseBody.isFinished
        if !out.isEmpty { unsafe emit(out.readable, isLast: isComplete) }
        if isComplete, !isFinished { responseCompleted() }
        return used > 0 || isFinished ? used : nil
    }

    /// Reads content and frames it for the client; `nil` after a violation, which has been dealt with.
    private func appendBody(_ bytes: UnsafeRawBufferPointer, to out: ByteQueue) -> Int? {
        var offset = 0
        while true {
            switch unsafe responseBody.next(Span<UInt8>(_unsafeBytes: bytes), from: &offset) {
            case .data(let range):
                outcome.bytesSent &+= UInt64(range.count)
                let data = unsafe UnsafeRawBufferPointer(rebasing: bytes[range.start..<range.end])
                if chunksResponse {
                    out.append(hex: UInt64(range.count))
                    out.append("\r\n")
                    unsafe out.append(data)
                    out.append("\r\n")
                } else {
                    unsafe out.append(data)
                }
                if responseBody.isFinished, !chunksResponse { return offset }
            case .trailer(let range):
                if chunksResponse || stream != nil {
                    unsafe TrailerRewriter.write(range, in: bytes, to: responseTrailers)
                }
            case .end:
                if chunksResponse { endResponseChunks(out) }
                responsePhase = .complete
                return offset
            case .needMore: return offset
            case .violation(let violation):
                if !out.isEmpty { unsafe emit(out.readable, isLast: false) }
                malformed(violation)
                return nil
            }
        }
    }

    private func endResponseChunks(_ out: ByteQueue) {
        out.append("0\r\n")
        unsafe out.append(responseTrailers.readable)
        responseTrailers.removeAll()
        out.append("\r\n")
    }

    private func responseCompleted() {
        responsePhase = .complete
        if !isServerError { upstream?.pool.succeeded(isComplete: true) }
        stream?.endResponse(trailers: responseTrailers)
        guard isRequestComplete else {
            // The answer came early: the rest of the request is not sent, and the connections are not used again.
            keepsClient = false
            finish(upstreamReusable: false)
            return
        }
        finish(upstreamReusable: upstream?.keepsAlive ?? false)
    }

    /// Whether the answer counts as a failure of the endpoint.
    private var isServerError: Bool { worker.snapshot.ejection.countsServerErrors && outcome.status >= 500 }

    /// An answer has come: the endpoint is well, unless it says otherwise.
    private func noteStatus(_ status: Int) {
        if isServerError {
            endpointFailed(.serverError)
        } else {
            upstream?.pool.succeeded(isComplete: false)
        }
    }

    /// The backend ended its side or the connection failed.
    ///
    /// - Parameter isClean: it ended in order, not with a reset.
    func upstreamEnded(isClean: Bool) {
        guard !isFinished else { return }
        switch responsePhase {
        case .awaited:
            guard let upstream, lostStream?.hasReadNothing ?? upstream.hasReadNothing else {
                endpointFailed(.reset)
                worker.countUpstreamError(.closedEarly)
                refuse(.endpointFailure)
                return
            }
            endedWithoutAnswer(upstream)
        case .body where responseBody.endsWithStream && isClean:
            let out = worker.clientOut
            out.removeAll()
            if chunksResponse { endResponseChunks(out) }
            if !out.isEmpty { unsafe emit(out.readable, isLast: false) }
            upstream?.keepsAlive = false
            if !isFinished { responseCompleted() }
        case .body, .complete:
            endpointFailed(.reset)
            worker.countUpstreamError(.closedEarly)
            cut("backend_cut_response")
        case .tunnel: upstreamEndedTunnel(isClean: isClean)
        }
    }

    /// The backend has ended the connection and said nothing.
    private func endedWithoutAnswer(_ upstream: UpstreamConnection) {
        // Where a kept connection ends like that it was too old, which says nothing of the endpoint.
        let isFault = !(lostStream?.wasReused ?? upstream.wasReused)
        if isFault {
            endpointFailed(.reset)
            tried.append(upstream.pool)
            worker.countUpstreamError(.closedEarly)
        }
        releaseUpstream(reusable: false)
        if retryOnFreshConnection() || isFinished { return }
        if !isFault { worker.countUpstreamError(.closedEarly) }
        refuse(.endpointFailure)
    }

    /// The endpoint does not accept the router's certificate, which in TLS 1.3 it says when the request is on its way.
    ///
    /// It says so in place of reading the request; another endpoint gets it where sending twice is harmless in any case.
    func upstreamRefusedIdentity(_ failure: UpstreamFailure) {
        guard !isFinished, let upstream else { return }
        tried.append(upstream.pool)
        self.upstream = nil
        upstream.exchangeFinished(reusable: false)
        worker.countUpstreamError(failure.kind)
        if retryOnFreshConnection() || isFinished { return }
        note(failure)
        refuse(failure.error)
    }

    /// The connection to the endpoint must not go on, in the middle of the exchange.
    ///
    /// - Parameters:
    ///   - label: why, for the access log of a response that is cut.
    ///   - failure: what the client is told when there is no response yet.
    func upstreamLost(_ label: StaticString, _ failure: UpstreamFailure) {
        guard !isFinished else { return }
        note(failure)
        worker.countUpstreamError(failure.kind)
        if responsePhase == .awaited { refuse(failure.error) } else { cut(label) }
    }

    func upstreamTimedOut() {
        endpointFailed(.timeout)
        worker.countUpstreamError(.responseTimeout)
        if responsePhase == .awaited { refuse(.endpointTimeout) } else { cut("backend_stalled") }
    }

    func malformed(_ violation: ProtocolViolation) {
        worker.count(violation)
        endpointFailed(.malformed)
        worker.countUpstreamError(.malformedResponse)
        if responsePhase == .awaited { refuse(.malformedResponse) } else { cut("malformed_response") }
    }

    /// More than any backend has use for; without a bound, a client could be kept waiting for an answer for ever.
    private static let maximumInterimResponses = 32
}
