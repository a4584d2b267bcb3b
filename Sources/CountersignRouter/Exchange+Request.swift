import CountersignForwarding
import CountersignHTTP1
import CountersignPolicy
import CountersignRewriting
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

extension Exchange {
    /// Whether request content can be used now: it is wanted, and the backend takes it.
    var wantsRequestBody: Bool {
        guard !isRequestComplete, !tunnel.hasClientEnded else { return false }
        return upstreamTakesMore
    }

    /// Forwards the request to an endpoint of the route.
    ///
    /// From here on the permit goes along, through ``dispatch(_:on:bytes:fresh:)`` to the connection that sends: there is no
    /// way to a backend without one.
    func forward(_ permit: Permit) {
        guard let route else { return }
        self.permit = permit
        guard takesTraffic(of: route) else { return }
        noteAffinity()
        worker.retryBudget.countRequest(now: worker.loop.now)
        guard head.method != .connect else {
            openTunnel(permit)
            return
        }
        worker.upstreamOut.removeAll()
        writeHead(to: worker.upstreamOut)
        sentAt = EventLoop.monotonicNanoseconds()
        dispatch(permit, bytes: worker.upstreamOut)
    }

    /// Gives the request's bytes to a connection to an endpoint that they were not given to before.
    ///
    /// - Parameters:
    ///   - fresh: takes none that was kept, as others may have died with the one that failed.
    ///   - reason: why it is not for the first time.
    ///   - failure: what became of the endpoint before.
    func dispatch(
        _ permit: Permit,
        bytes: ByteQueue,
        fresh: Bool = false,
        again reason: RetryReason? = nil,
        after failure: UpstreamFailure? = nil
    ) {
        attempts += 1
        lostStream = nil
        if let upstream = worker.connection(for: self, fresh: fresh || needsOwnConnection) {
            guard head.method != .connect || upstream.http2 == nil else {
                upstream.close()
                refuse(.tunnelNotAllowed)
                return
            }
            if let reason { worker.metrics.endpoints.retries.add(reason, shard: worker.loop.index) }
            self.upstream = upstream
            upstreamLog = upstream.pool.logFragment
            endHead(bytes)
            upstream.start(self, permit, bytes)
            return
        }
        attempts -= 1
        if let failure = failure ?? routeState?.bar {
            note(failure)
            // What became of the attempts before was counted with them.
            if tried.isEmpty { worker.countUpstreamError(failure.kind) }
            refuse(failure.error)
            return
        }
        let isReachable = routeState?.isReachable(worker) ?? false
        if tried.isEmpty { worker.countUpstreamError(isReachable ? .connectRefused : .noEndpoint) }
        refuse(isReachable ? .endpointFailure : .noEndpoints)
    }

    /// Writes the head for the backend, of which the scanner still holds the fields, as far as ``endHead(_:)`` goes on.
    private func writeHead(to out: ByteQueue) {
        let identity = client?.identity
        let context = RequestRewriter.Context(
            client: RequestRewriter.Client(
                host: client?.remoteHost ?? [],
                isEncrypted: client?.session != nil,
                forwarding: identity?.forwarding ?? .removeAll,
                headerTail: identity?.headerTail ?? []
            ),
            isMutual: domain != nil,
            id: requestID,
            givenID: givenID,
            trace: traceParent,
            keepsTraceState: keepsTraceState,
            start: UInt64(clamping: logRequest.start / 1_000_000),
            upgrade: tunnel.offer,
            outgoing: call?.way
        )
        unsafe RequestRewriter.write(
            head,
            fields: worker.requestScanner.fields,
            in: headBytes.readable,
            context,
            to: out
        )
    }

    /// Ends the head of the request with what the chosen endpoint is told about itself; a tunnel has no head.
    private func endHead(_ bytes: ByteQueue) {
        guard head.method != .connect else { return }
        let start = bytes.count
        EndpointHeaders.write(routeState?.endpoint(at: endpointPosition), to: bytes)
        endpointLength = bytes.count - start
    }

    /// Whether the connection to the endpoint must not be one that was kept.
    private var needsOwnConnection: Bool { head.method == .connect || route?.traffic.sendsProxyHeader ?? false }

    /// Forwards what there is of the request's content; `false` when no more can be used now.
    func consumeRequestBody(_ bytes: ByteQueue) -> Bool {
        if isTunnel { return relayFromClient(bytes) }
        guard upstream != nil else { return false }
        var offset = 0
        let out = worker.upstreamOut
        out.removeAll()
        var outcome = BodyReader.Piece.needMore
        reading: while true {
            let available = unsafe bytes.readable
            outcome = unsafe requestBody.next(Span<UInt8>(_unsafeBytes: available), from: &offset)
            switch outcome {
            case .data(let range):
                self.outcome.bytesReceived &+= UInt64(range.count)
                untilProgress -= range.count
                unsafe writeBody(UnsafeRawBufferPointer(rebasing: available[range.start..<range.end]), to: out)
            case .trailer(let range): unsafe TrailerRewriter.write(range, in: available, to: requestTrailers)
            case .end:
                if case .chunked = head.framing { endRequestChunks(out) }
                isRequestComplete = true
                break reading
            case .needMore, .violation: break reading
            }
            if requestBody.isFinished, case .length = head.framing {
                isRequestComplete = true
                break
            }
        }
        bytes.consume(offset)
        if case .violation(let violation) = outcome {
            refuseBody(violation)
            return false
        }
        if !out.isEmpty { sendUpstream(out) }
        guard !isFinished else { return true }
        if isRequestComplete { requestCompleted() } else { noteProgress() }
        return offset > 0
    }

    func writeBody(_ bytes: UnsafeRawBufferPointer, to out: ByteQueue) {
        guard case .chunked = head.framing, upstreamStream == nil else {
            unsafe out.append(bytes)
            return
        }
        // Chunks are framed anew: nothing of the client's own framing reaches a backend.
        out.append(hex: UInt64(bytes.count))
        out.append("\r\n")
        unsafe out.append(bytes)
        out.append("\r\n")
    }

    func endRequestChunks(_ out: ByteQueue) {
        guard upstreamStream == nil else { return }
        out.append("0\r\n")
        unsafe out.append(requestTrailers.readable)
        requestTrailers.removeAll()
        out.append("\r\n")
    }

    func requestCompleted() {
        clearClientDeadline()
        if let upstreamStream { upstreamStream.endRequest() } else { upstream?.awaitResponse() }
    }

    /// A sender that keeps its pace starts its time anew with each kilobyte, not with each byte.
    func noteProgress() {
        guard untilProgress <= 0 else { return }
        untilProgress = Self.progressBytes
        setClientDeadline(worker.timeouts.bodyIdle)
    }

    /// The backend has taken what was held for it.
    func upstreamCanTakeMore() {
        guard let client, !isRequestComplete else { return }
        guard !isTunnel else {
            client.resume()
            return
        }
        setClientDeadline(worker.timeouts.bodyIdle)
        if let stream { stream.resume() } else { client.resume() }
    }

    /// No byte of the request reached the endpoint: it goes to another one as it is.
    ///
    /// - Parameters:
    ///   - bytes: what was to be sent.
    ///   - failure: what the endpoint did not come up to.
    func connectFailed(_ bytes: ByteQueue, _ failure: UpstreamFailure) {
        if let upstream { tried.append(upstream.pool) }
        upstream = nil
        guard let route, let permit, !isFinished else { return }
        // Nothing of the content is there yet: the next endpoint is told about itself in place of this one.
        bytes.truncate(to: bytes.count - min(endpointLength, bytes.count))
        worker.countUpstreamError(failure.kind)
        guard tried.count < route.endpoints.count, takeRetry() else {
            note(failure)
            refuse(failure.error)
            return
        }
        dispatch(permit, bytes: bytes, again: .connect, after: failure)
        if upstreamTakesMore { upstreamCanTakeMore() }
    }

    /// The endpoint does not speak TLS, and the request may go to it in plain text.
    ///
    /// - Parameters:
    ///   - connection: the one in plain text; nil when the system cannot even start to connect.
    ///   - bytes: what was to be sent.
    ///   - failure: what the endpoint did not come up to.
    func fallBack(to connection: UpstreamConnection?, _ bytes: ByteQueue, _ failure: UpstreamFailure) {
        guard let connection, let permit, !isFinished else {
            connectFailed(bytes, failure)
            return
        }
        upstream = connection
        connection.start(self, permit, bytes)
    }

    /// Says in the access log what an endpoint over TLS did not come up to.
    func note(_ failure: UpstreamFailure) {
        guard failure.isAboutTLS else { return }
        var fragment = upstreamLog ?? AccessLogFragment(worker.logForm)
        fragment.add(.upstreamTLSError, "\(failure.reason): \(failure.explanation)")
        upstreamLog = fragment
    }

    /// The connection was closed by the backend before any of the response: sent again if that is harmless.
    ///
    /// - Returns: whether the request is on its way again (RFC 9112 section 9.3.1: idempotent and without content).
    func retryOnFreshConnection() -> Bool {
        guard isRepeatable else { return false }
        return sendAgain()
    }

    /// Sends a request anew of which everything is still here.
    ///
    /// - Returns: whether it is on its way.
    func sendAgain() -> Bool {
        guard let route, let permit, responsePhase == .awaited, tried.count < route.endpoints.count, takeRetry()
        else { return false }
        lostStream = nil
        upstream = nil
        upstreamStream = nil
        guard unsafe worker.requestScanner.scan(Span<UInt8>(_unsafeBytes: headBytes.readable)) == .complete else {
            return false
        }
        let bytes = worker.takeQueue()
        defer { worker.giveBack(bytes) }
        writeHead(to: bytes)
        dispatch(permit, bytes: bytes, fresh: true, again: .connectionLost)
        return true
    }
}
