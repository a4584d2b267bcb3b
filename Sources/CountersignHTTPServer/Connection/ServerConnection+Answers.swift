import CountersignHTTP1
import CountersignTransport

extension ServerConnection {
    /// Takes what a handler's thread delivered; ``advance()`` sends it.
    func accept(_ delivery: Delivery) {
        guard phase == .open, let first = exchanges.first?.sequence, delivery.sequence >= first,
            delivery.sequence - first < UInt64(exchanges.count)
        else {
            refuseDelivery(delivery)
            return
        }
        let index = Int(delivery.sequence - first)
        switch delivery.content {
        case .response(let response): exchanges[index].answer = .response(response)
        case .stream(let core, let head):
            exchanges[index].answer = .opening(core, head: head)
            if listener.isStopping { core.finish() }
        case .streamChanged:
            // A client that takes nothing would hide the reason to cut it.
            if let fault = exchanges[index].stream?.fault { abort(fault) }
        }
    }

    private func refuseDelivery(_ delivery: Delivery) {
        if case .stream(let core, _) = delivery.content { core.end(streamEnd) }
    }

    /// Sends what is ready, in the order of the requests, until there is no more or the socket takes no more.
    func pump() {
        var goesOn = true
        while goesOn, phase == .open {
            goesOn = fill()
            guard phase == .open, sendWire(), sendRest() else { return }
        }
    }

    /// Moves what is ready into ``wire``.
    ///
    /// - Returns: whether there may be more once that has been sent.
    private func fill() -> Bool {
        while wire.count < Self.fillMark, rest.isEmpty, !endsWhenSent, phase == .open {
            guard let first = exchanges.first else {
                sendContinue()
                return false
            }
            switch first.answer {
            case .waiting: return false
            case .response(let response): begin(response, first)
            case .opening(let core, let head): open(core, head, first)
            case .stream(let core):
                guard drain(core) else { return false }
            }
        }
        return !endsWhenSent
    }

    private func sendContinue() {
        guard owesContinue else { return }
        owesContinue = false
        write { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
    }

    private func begin(_ response: ServerResponse, _ exchange: ServerExchange) {
        let length = response.body.count
        let isEmpty = HTTPStatus.hasNoContent(response.status)
        let isCopied = !exchange.isHead && !isEmpty && length <= Self.copiedContent
        let connection = connectionField(exchange, needsClose: false)
        write { queue in
            ResponseWriter.write(
                response,
                framing: isEmpty ? .none : .length(length),
                date: listener.dateField(),
                connection: connection,
                into: queue
            )
            if isCopied { unsafe response.body.withUnsafeBytes { unsafe queue.append($0) } }
        }
        if isCopied || isEmpty || exchange.isHead || length == 0 {
            finishFirst()
        } else {
            rest = response.body
        }
    }

    private func open(_ core: StreamCore, _ head: ServerResponse, _ exchange: ServerExchange) {
        let isChunked = exchange.version == .http11
        let connection = connectionField(exchange, needsClose: !isChunked)
        write { queue in
            ResponseWriter.write(
                head,
                framing: isChunked ? .chunked : .untilClose,
                date: listener.dateField(),
                connection: connection,
                into: queue
            )
        }
        if exchange.isHead {
            finishFirst()
            core.end(.finished)
        } else {
            exchanges[0].answer = .stream(core)
        }
    }

    /// Moves bytes of a stream; returns whether to go on.
    private func drain(_ core: StreamCore) -> Bool {
        var step = StreamCore.Step.waiting
        write { step = core.drain(into: $0, atMost: Self.fillMark) }
        switch step {
        case .waiting: return false
        case .more: return true
        case .finished:
            finishFirst()
            core.end(listener.isStopping ? .stopped : .finished)
            return true
        case .failed(let fault):
            abort(fault)
            return false
        }
    }

    /// The value of the Connection field; notes when this answer is the connection's last.
    private func connectionField(_ exchange: ServerExchange, needsClose: Bool) -> StaticString {
        let isLast = takesNoMore && exchanges.count == 1 && incoming == nil
        if !exchange.keepAlive || isLast || needsClose {
            exchanges[0].isLast = true
            takesNoMore = true
            return "close"
        }
        return exchange.version == .http10 ? "keep-alive" : ""
    }

    private func finishFirst() {
        guard !exchanges.isEmpty else { return }
        if exchanges.removeFirst().isLast { endsWhenSent = true }
        idleSince = listener.loop.now
    }

    /// Has `body` write plaintext, and encrypts it where there is TLS.
    private func write(_ body: (ByteQueue) -> Void) {
        if wire.isEmpty {
            (sentAt, pieceTaken) = (listener.loop.now, 0)
            unsentSince = listener.loop.now
        }
        guard session != nil else {
            body(wire)
            return
        }
        let plain = listener.scratch
        body(plain)
        unsafe seal(plain.readable)
        plain.reset(keepingAtMost: Self.fillMark * 2)
    }

    /// Sends ``wire``; returns whether all of it went.
    func sendWire() -> Bool {
        while !wire.isEmpty, phase != .closed {
            switch unsafe Socket.write(descriptor, wire.readable) {
            case .bytes(let count):
                wire.consume(count)
                noteTaken(count)
            case .wouldBlock, .endOfStream: return false
            case .failed:
                close()
                return false
            }
        }
        wire.reset(keepingAtMost: Self.keptCapacity)
        return phase != .closed
    }

    /// Puts the deadline of sending off once the client has taken a piece, or all; who takes a byte now and then does not.
    private func noteTaken(_ count: Int) {
        pieceTaken += count
        guard pieceTaken >= Self.piece || wire.isEmpty && rest.isEmpty else { return }
        (sentAt, pieceTaken) = (listener.loop.now, 0)
    }

    /// Sends ``rest`` from where it lies; returns whether all of it went.
    private func sendRest() -> Bool {
        guard !rest.isEmpty else { return true }
        while !rest.isEmpty {
            guard session == nil ? sendPlainPiece() : sendSealedPiece() else { return false }
        }
        finishFirst()
        return true
    }

    private func sendPlainPiece() -> Bool {
        switch unsafe rest.withUnsafeBytes({ unsafe Socket.write(descriptor, $0) }) {
        case .bytes(let count):
            rest = rest.dropFirst(count)
            noteTaken(count)
            return true
        case .wouldBlock, .endOfStream: return false
        case .failed:
            close()
            return false
        }
    }

    private func sendSealedPiece() -> Bool {
        unsafe rest.prefix(Self.fillMark).withUnsafeBytes { unsafe seal($0) }
        guard phase == .open else { return false }
        rest = rest.dropFirst(Self.fillMark)
        return sendWire()
    }

    /// Content up to this size goes out with its head in one write.
    private static var copiedContent: Int { 16 * 1024 }
    private static var fillMark: Int { 64 * 1024 }
    /// How many bytes a client has to take in the time that it has for sending.
    private static var piece: Int { 64 * 1024 }
}
