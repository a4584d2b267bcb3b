import CountersignHTTP1
import CountersignPKI
import CountersignTransport

extension ServerConnection {
    /// Whether there is room for another request; while there is none, nothing is read.
    var takesRequests: Bool {
        (incoming != nil || !takesNoMore) && exchanges.count < listener.settings.maximumPipelined
            && wire.count < Self.highWater && rest.isEmpty && exchanges.last?.stream == nil
    }

    /// Takes requests out of what has arrived, and hands them out.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        while phase == .open, takesRequests {
            if incoming == nil {
                guard !inbound.isEmpty, readHead() else { break }
            }
            guard readBody() else { break }
            dispatch()
        }
        isProcessing = false
        if inbound.isEmpty { inbound.reset(keepingAtMost: Self.keptCapacity) }
    }

    private func readHead() -> Bool {
        let bytes = unsafe inbound.readable
        let limits = listener.settings.headLimits
        if isHeadPartial {
            switch unsafe boundary.advance(Span<UInt8>(_unsafeBytes: bytes), limits: limits) {
            case .incomplete: return false
            case .complete: break
            case .violation(let violation):
                refuse(violation)
                return false
            }
        }
        switch unsafe listener.scanner.scan(Span<UInt8>(_unsafeBytes: bytes)) {
        case .needMore:
            if !isHeadPartial {
                isHeadPartial = true
                boundary.reset()
                requestDeadline = listener.loop.now &+ listener.times.head
            }
            return false
        case .violation(let violation):
            refuse(violation)
            return false
        case .complete:
            isHeadPartial = false
            return unsafe take(listener.scanner.head, bytes)
        }
    }

    private func take(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard head.method != .connect else {
            refuse(.text(501, "501 Not Implemented: there are no tunnels here"))
            return false
        }
        incoming = IncomingRequest(
            bytes: unsafe Array(bytes[0..<head.length]),
            head: head,
            fields: Array(listener.scanner.fields),
            receivedAt: listener.loop.wallClock,
            reader: BodyReader(head.framing)
        )
        inbound.consume(head.length)
        if case .length(let length) = head.framing, !admitsContent(of: length) { return false }
        if head.framing != .none {
            requestDeadline = listener.loop.now &+ listener.times.body
        }
        if head.expectContinue {
            owesContinue = true
            pump()
        }
        return phase == .open
    }

    /// Collects content.
    ///
    /// - Returns: whether all of it is there.
    private func readBody() -> Bool {
        guard let framing = incoming?.head.framing else { return false }
        guard framing != .none else { return true }
        var offset = 0
        while true {
            let bytes = unsafe inbound.readable
            switch unsafe incoming?.reader.next(Span<UInt8>(_unsafeBytes: bytes), from: &offset) {
            case .data(let range):
                unsafe incoming?.body.append(contentsOf: bytes[range.start..<range.end])
            case .trailer: continue
            case .end, nil:
                inbound.consume(offset)
                return true
            case .needMore:
                inbound.consume(offset)
                return false
            case .violation(let violation):
                refuse(violation)
                return false
            }
            guard admitsContent(of: UInt64(incoming?.body.count ?? 0)) else { return false }
        }
    }

    private func dispatch() {
        guard let whole = incoming else { return }
        incoming = nil
        owesContinue = false
        requestDeadline = .max
        let fault = faultOfPeer()
        let sequence = nextSequence
        nextSequence &+= 1
        exchanges.append(
            ServerExchange(
                sequence: sequence,
                isHead: whole.head.method == .head,
                version: whole.head.version,
                keepAlive: whole.head.keepAlive && fault == nil
            )
        )
        if !whole.head.keepAlive { takesNoMore = true }
        if let fault {
            takesNoMore = true
            exchanges[exchanges.count - 1].answer = .response(listener.settings.answerToRefusedPeer(fault))
            pump()
            return
        }
        let responder = Responder(
            inbox: listener.inbox,
            connection: info.id,
            sequence: sequence,
            isChunked: whole.head.version == .http11
        )
        listener.handler(whole.request(on: info), responder)
    }

    private func refuse(_ violation: ProtocolViolation) {
        refuse(.text(violation.status, "\(violation.reason)"))
    }

    /// Whether the content may have this many bytes; when not, the request is answered.
    private func admitsContent(of length: UInt64) -> Bool {
        let common = listener.settings.maximumBody
        guard length > UInt64(common), let incoming else { return true }
        // Asked once: whoever decides may have to look at the caller's credentials.
        let limit = incoming.bodyLimit ?? listener.settings.limitOfLargeContent(incoming.request(on: info)) ?? common
        self.incoming?.bodyLimit = limit
        guard length > UInt64(limit) else { return true }
        refuse(listener.settings.answerToLargeContent(incoming.request(on: info), limit))
        return false
    }

    /// Answers what cannot be read any further, after the answers to what came before, and ends the connection.
    func refuse(_ response: ServerResponse) {
        incoming = nil
        owesContinue = false
        isHeadPartial = false
        takesNoMore = true
        inbound.removeAll()
        exchanges.append(
            ServerExchange(sequence: nextSequence, isHead: false, version: .http11, keepAlive: false)
        )
        exchanges[exchanges.count - 1].answer = .response(response)
        nextSequence &+= 1
        pump()
    }

    static var highWater: Int { 256 * 1024 }
    static var keptCapacity: Int { 4 * 1024 }
}
