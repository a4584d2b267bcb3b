import CountersignHTTP1
import CountersignTransport

extension ClientConnection {
    /// Whether more request bytes can be used: they are read only then, which is the back-pressure toward the client.
    ///
    /// Those of a connection that is closing are read as well, to be thrown away.
    var wantsRequestBytes: Bool {
        if closesWhenFlushed { return true }
        if let exchange, exchange.isTunnel { return tunnelWantsBytes(exchange) }
        if unsent.heldCount >= RouterLimits.writeWatermark { return false }
        if http2 != nil { return true }
        guard let exchange else { return true }
        return exchange.wantsRequestBody
    }

    /// Serves freshly decrypted bytes behind those that still wait; what cannot be used yet is kept.
    func serve(_ plain: ByteQueue) {
        guard isServing else {
            plain.removeAll()
            return
        }
        if let http2 {
            http2.receive(plain)
            return
        }
        if let inbound, !inbound.isEmpty {
            unsafe inbound.append(plain.readable)
            inboundUntil = worker.loop.now
            plain.removeAll()
            serveInbound()
            return
        }
        consume(plain)
        guard !plain.isEmpty, isServing else { return }
        let queue = inbound ?? worker.takeQueue()
        unsafe queue.append(plain.readable)
        plain.removeAll()
        inbound = queue
        inboundSince = worker.loop.now
        inboundUntil = worker.loop.now
    }

    /// Goes on after something that held requests up is gone.
    func resume() {
        guard isServing, !isProcessing else { return }
        serveInbound()
        settleEndOfStream()
        if phase == .open, isReadable { readMore() }
    }

    func serveInbound() {
        guard let queue = inbound, !queue.isEmpty, http2 == nil else { return }
        consume(queue)
        if queue.isEmpty { releaseInbound() }
    }

    func releaseInbound() {
        guard let queue = inbound else { return }
        inbound = nil
        worker.giveBack(queue)
    }

    private func consume(_ bytes: ByteQueue) {
        isProcessing = true
        defer { isProcessing = false }
        while !bytes.isEmpty, isServing {
            if let exchange {
                guard exchange.wantsRequestBody, exchange.consumeRequestBody(bytes) else { return }
            } else {
                guard unsent.heldCount < RouterLimits.writeWatermark, startRequest(bytes) else { return }
            }
        }
    }

    /// Takes a request head off the front; `false` when it is not complete.
    private func startRequest(_ bytes: ByteQueue) -> Bool {
        let isContinued = bytes === inbound
        if isContinued {
            switch unsafe boundary.advance(
                Span<UInt8>(_unsafeBytes: bytes.readable),
                limits: worker.snapshot.limits.head
            ) {
            case .incomplete: return false
            case .violation(let violation):
                refuse(violation, bytes)
                return false
            case .complete: break
            }
        }
        boundary.reset()
        switch unsafe worker.requestScanner.scan(Span<UInt8>(_unsafeBytes: bytes.readable)) {
        case .complete:
            requestCount += 1
            let exchange = worker.takeExchange()
            self.exchange = exchange
            let arrival = isContinued ? inboundSince : worker.loop.now
            inboundSince = inboundUntil
            exchange.begin(client: self, bytes: bytes, arrival: arrival)
            return true
        case .needMore:
            if !isContinued { setRequestDeadline(worker.timeouts.requestHead) }
            return false
        case .violation(let violation):
            refuse(violation, bytes)
            return false
        }
    }

    /// Answers bytes that are no acceptable request, and ends the connection, as what follows cannot be trusted.
    private func refuse(_ violation: ProtocolViolation, _ bytes: ByteQueue) {
        let arrival = bytes === inbound ? inboundSince : worker.loop.now
        bytes.removeAll()
        let exchange = worker.takeExchange()
        self.exchange = exchange
        exchange.refuseMalformed(client: self, violation, arrival: arrival)
    }

    /// Called by the exchange when its response is written and its request is read, or when it is given up.
    func exchangeFinished(keepsAlive: Bool) {
        exchange = nil
        guard phase == .open else { return }
        guard keepsAlive, !worker.isDraining else {
            close()
            return
        }
        idleSince = worker.loop.now
        awaitRequest()
        resume()
    }

    /// Starts the client's time for its next request; while it has not read the last answer, only that clock runs.
    private func awaitRequest() {
        if unsent.isHeld {
            clearRequestDeadline()
        } else if inbound?.isEmpty ?? true {
            setRequestDeadline(worker.timeouts.keepAlive)
        } else {
            setRequestDeadline(worker.timeouts.requestHead)
        }
    }

    func outboundEmptied() {
        switch phase {
        case .open:
            if closesWhenFlushed {
                linger()
                return
            }
            stopWriteClock()
            if let http2 {
                http2.outboundEmptied()
            } else if let exchange {
                exchange.clientCanTakeMore()
            } else {
                awaitRequest()
            }
            resume()
        case .handshake: break
        case .lingering: endWriting()
        case .identifying, .proxyHeader, .clientHello, .closed: break
        }
    }

    /// Once the client has ended its side: answers what is complete (RFC 9112 section 9.6), and gives up what is not.
    ///
    /// Content that has arrived and waits for the backend to take it is not missing.
    func settleEndOfStream() {
        guard hasPeerEnded, phase == .open else { return }
        if let http2 {
            http2.peerEnded()
            return
        }
        guard let exchange else {
            close()
            return
        }
        guard !exchange.isTunnel else {
            exchange.clientEndedTunnel()
            return
        }
        if exchange.isRequestComplete { return }
        if exchange.wantsRequestBody || inbound?.isEmpty ?? true { exchange.clientCutRequest() }
    }
}
