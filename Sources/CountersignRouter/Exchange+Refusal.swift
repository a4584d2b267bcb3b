import CountersignHTTP1
import CountersignTelemetry
import CountersignTransport

extension Exchange {
    /// Answers in the backend's place and ends the exchange.
    func refuse(_ error: RouterError) {
        guard !isFinished, client != nil else { return }
        let error = client?.origin == nil ? error : error.ofForwardProxy
        outcome.error = error.label
        guard responsePhase == .awaited else {
            cut(error.label)
            return
        }
        respond(
            status: error.status,
            reason: error.reason,
            header: error.header,
            detail: error.detail,
            closes: error.closes,
            challenge: error.challenge
        )
    }

    /// Answers a request whose head was not acceptable; there is no request to log but that it came.
    func refuseMalformed(
        client: ClientConnection,
        _ violation: ProtocolViolation,
        arrival: UInt64,
        stream: ClientStream? = nil
    ) {
        reset(client, arrival: arrival, stream)
        if stream != nil { logRequest.version = .http2 }
        refuseViolation(violation)
    }

    /// Answers a head that did not come to its end in time.
    func refuseLate(client: ClientConnection, arrival: UInt64) {
        reset(client, arrival: arrival)
        refuse(.requestTimeout)
    }

    /// The request's content breaks its framing: what the backend got is incomplete, and stays so.
    func refuseBody(_ violation: ProtocolViolation) {
        keepsClient = false
        if responsePhase == .awaited {
            refuseViolation(violation)
        } else {
            worker.count(violation)
            cut("malformed_request_body")
        }
    }

    private func refuseViolation(_ violation: ProtocolViolation) {
        worker.count(violation)
        outcome.error = "protocol_violation"
        worker.noteViolation(violation, client)
        respond(
            status: violation.status,
            reason: RouterError.reasonPhrase(violation.status),
            header: violation.code == .missingHost ? "empty_host" : "",
            detail: violation.reason,
            closes: true
        )
    }

    /// The client sent nothing for too long, or does not read.
    func clientTimedOut() {
        if isTunnel {
            tunnelDeadlinePassed()
        } else if responsePhase == .awaited, !isRequestComplete {
            refuse(.requestTimeout)
        } else {
            cut("client_stalled")
        }
    }

    /// The client ended its side in the middle of the request.
    func clientCutRequest() {
        keepsClient = false
        cut("request_cut", status: ClientConnection.clientGone)
    }

    private func respond(
        status: Int,
        reason: StaticString,
        header: StaticString,
        detail: StaticString,
        closes: Bool,
        challenge: StaticString = ""
    ) {
        guard let client else { return }
        outcome.status = status
        if let stream {
            respond(on: stream, status, reason, header: header, detail, challenge: challenge)
            return
        }
        if closes || !isRequestComplete || client.announcesEnd { keepsClient = false }
        guard client.origin == nil else {
            sendProblem(status, reason.description, code: outcome.error?.description ?? "", detail.description, client)
            return
        }
        let out = worker.clientOut
        out.removeAll()
        out.append("HTTP/1.1 ")
        out.append(decimal: UInt64(status))
        out.append(byte: 0x20)
        out.append(reason)
        out.append("\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n")
        if header.utf8CodeUnitCount > 0 {
            out.append("X-Cf-RouterError: ")
            out.append(header)
            out.append("\r\n")
        }
        if challenge.utf8CodeUnitCount > 0 {
            out.append("WWW-Authenticate: ")
            out.append(challenge)
            out.append("\r\n")
        }
        if !keepsClient {
            out.append("Connection: close\r\n")
        } else if head.version == .http10 {
            out.append("Connection: keep-alive\r\n")
        }
        appendBody(status, reason, detail, to: out)
        unsafe client.send(out.readable)
        responsePhase = .complete
        finish(upstreamReusable: false)
    }

    /// The same to a client of HTTP/2, where a refusal is about one stream; only ``keepsClient`` ends the connection.
    private func respond(
        on stream: ClientStream,
        _ status: Int,
        _ reason: StaticString,
        header: StaticString,
        _ detail: StaticString,
        challenge: StaticString
    ) {
        let body = worker.takeQueue()
        writeBody(status, reason, detail, to: body)
        let isHead = head.method == .head
        if !isHead { outcome.bytesSent = UInt64(body.count) }
        let multiplexer = stream.multiplexer
        let ends = !keepsClient
        stream.sendAnswer(status: status, header: header, challenge: challenge, body: body, isHeadRequest: isHead)
        worker.giveBack(body)
        responsePhase = .complete
        finish(upstreamReusable: false)
        if ends { multiplexer?.end() }
    }

    /// `404 Not Found: Requested route ('h') does not exist.`, as GoRouter words it.
    private func appendBody(_ status: Int, _ reason: StaticString, _ detail: StaticString, to out: ByteQueue) {
        let body = worker.takeQueue()
        defer { worker.giveBack(body) }
        writeBody(status, reason, detail, to: body)
        out.append("Content-Length: ")
        out.append(decimal: UInt64(body.count))
        out.append("\r\n\r\n")
        guard head.method != .head else { return }
        outcome.bytesSent = UInt64(body.count)
        unsafe out.append(body.readable)
    }

    private func writeBody(_ status: Int, _ reason: StaticString, _ detail: StaticString, to body: ByteQueue) {
        body.append(decimal: UInt64(status))
        body.append(byte: 0x20)
        body.append(reason)
        body.append(": ")
        if status == 404, !head.host.isEmpty {
            body.append("Requested route ('")
            unsafe body.append(UnsafeRawBufferPointer(rebasing: headBytes.readable[head.host.start..<head.host.end]))
            body.append("') does not exist.")
        } else {
            body.append(detail)
        }
        body.append("\n")
    }
}
