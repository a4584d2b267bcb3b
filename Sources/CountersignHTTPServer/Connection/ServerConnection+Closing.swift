import CountersignTLS
import CountersignTransport

extension ServerConnection {
    /// Ends the connection when nothing is left to do, and sets the deadline of what is awaited.
    func settle() {
        guard phase == .open else { return }
        if !exchanges.isEmpty, exchanges[0].stream != nil, hasPeerEnded || sawHangUp {
            close()
            return
        }
        let isSent = wire.isEmpty && rest.isEmpty
        let isIdle = exchanges.isEmpty && (hasPeerEnded || (takesNoMore && incoming == nil))
        if isSent, endsWhenSent || isIdle {
            linger()
            return
        }
        listener.loop.setDeadline(token, at: deadline(isSent: isSent))
    }

    private func deadline(isSent: Bool) -> UInt64 {
        if !isSent { return sentAt &+ listener.times.write }
        if let first = exchanges.first {
            guard case .stream(let core) = first.answer, let heartbeat = core.heartbeat else { return .max }
            return sentAt &+ ServerTimes.nanoseconds(heartbeat.interval)
        }
        if incoming != nil || isHeadPartial { return requestDeadline }
        let isFirst = nextSequence == 0
        return idleSince &+ (isFirst ? listener.times.head : listener.times.idle)
    }

    /// By what the connection keeps its place when there is no room; nil while the server owes it an answer.
    ///
    /// A request that has not come in whole does not count, nor does an answer that the client does not take: who holds them
    /// back could keep others out.
    var claim: PlaceClaim? {
        let isNew = listener.loop.now < idleSince &+ listener.times.newcomer
        switch phase {
        case .handshake: return PlaceClaim(hasAsked: isNew, since: idleSince, id: info.id)
        case .open:
            let isSent = wire.isEmpty && rest.isEmpty
            guard !isSent || exchanges.isEmpty else { return nil }
            let since = isSent ? idleSince : unsentSince
            return PlaceClaim(hasAsked: nextSequence > 0 || isNew, since: since, id: info.id)
        case .lingering: return PlaceClaim(hasAsked: false, since: idleSince, id: info.id)
        case .closed: return nil
        }
    }

    /// What was awaited did not come in time.
    func expire() {
        switch phase {
        case .closed: break
        case .handshake: failHandshake(.timeout)
        case .lingering: close()
        case .open: expireOpen()
        }
    }

    private func expireOpen() {
        if !wire.isEmpty || !rest.isEmpty {
            abort(.tooSlow)
        } else if case .stream(let core)? = exchanges.first?.answer {
            if let heartbeat = core.heartbeat { _ = core.write(heartbeat.bytes) }
            settle()
        } else if incoming != nil || isHeadPartial {
            refuse(.text(408, "408 Request Timeout: the request did not arrive in time"))
            settle()
        } else {
            linger()
        }
    }

    /// Takes no new request, finishes those in hand, ends streams.
    func beginStop() {
        streamEnd = .stopped
        takesNoMore = true
        guard phase == .open else {
            if phase == .handshake { close() }
            return
        }
        for exchange in exchanges {
            guard let core = exchange.stream else { continue }
            core.finish()
        }
        advance()
    }

    /// Says that nothing more comes, and stays for as long as the client needs to read what was sent.
    ///
    /// Closed at once, the system would answer what still arrives with a reset, which takes back the last answer.
    func linger() {
        guard phase == .open || phase == .handshake else { return }
        phase = .lingering
        endStreams(streamEnd)
        session?.closeNotify()
        guard sendWire() else {
            close()
            return
        }
        Socket.shutdownWriting(descriptor)
        inbound.reset(keepingAtMost: 0)
        if hasPeerEnded {
            close()
            return
        }
        setDeadline(after: Self.lingerTime)
        if isReadable { listener.loop.readAgain(token) }
    }

    func discard(_ count: Int) {
        lingerBudget -= count
        if lingerBudget < 0 { close() }
    }

    /// Ends the connection so that the client cannot take what it has for the whole.
    func abort(_ reason: StreamEnd) {
        release(reason) { Socket.abort(descriptor) }
    }

    func close() {
        release(streamEnd) { Socket.close(descriptor) }
    }

    func setDeadline(after nanoseconds: UInt64) {
        listener.loop.setDeadline(token, at: listener.loop.now &+ nanoseconds)
    }

    private func release(_ reason: StreamEnd, _ closeDescriptor: () -> Void) {
        guard phase != .closed else { return }
        phase = .closed
        listener.loop.remove(token)
        closeDescriptor()
        rest = []
        endStreams(reason)
        listener.closed(self)
    }

    private func endStreams(_ reason: StreamEnd) {
        let ended = exchanges
        exchanges = []
        for exchange in ended { exchange.stream?.end(reason) }
    }

    private static var lingerTime: UInt64 { 2_000_000_000 }
}
