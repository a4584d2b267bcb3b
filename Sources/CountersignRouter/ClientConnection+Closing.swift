import CountersignHTTP1
import CountersignTLS
import CountersignTransport

extension ClientConnection {
    /// Ends the connection after everything that was written has been sent; nothing that arrives counts any more.
    func close() {
        http2?.flush()
        guard phase == .open else { return }
        flushDue()
        if unsent.isHeld {
            closesWhenFlushed = true
            releaseInbound()
            clearRequestDeadline()
            if writeDeadline == .max { startWriteClock() }
            return
        }
        linger()
    }

    /// Ends a connection that carries no request, because the router stops.
    func endIdle() {
        switch phase {
        case .identifying, .proxyHeader, .clientHello, .handshake: finishClosing()
        case .open where http2?.isBusy ?? false: http2?.end()
        case .open:
            if let http2 { http2.end() } else { close() }
            // Whoever has been idle for long has read its last answer, and nothing can reset it away any more.
            let isLongIdle = worker.loop.now &- idleSince > Self.lingerTime.nanoseconds
            if phase == .lingering, isLongIdle, !unsent.isHeld { finishClosing() }
        case .lingering, .closed: break
        }
    }

    /// Says good-bye and waits for the client to end its side, so that unread bytes do not reset the last answer away.
    ///
    /// What the client still sends is read and thrown away (RFC 9112 section 9.6), for as long as it goes on sending, up
    /// to a bound.
    func linger() {
        guard phase != .lingering, phase != .closed else { return }
        if phase == .open {
            session?.closeNotify()
            phase = .lingering
            flushCiphertext()
            flushDue()
        } else {
            phase = .lingering
        }
        lingerEnd = worker.loop.now &+ Self.lingerLimit.nanoseconds
        releaseInbound()
        worker.loop.setDeadline(token, at: worker.loop.now &+ Self.lingerTime.nanoseconds)
        if !unsent.isHeld { endWriting() }
    }

    /// Everything is sent: end this side, and close when the other side has ended, too.
    func endWriting() {
        guard phase == .lingering else { return }
        Socket.shutdownWriting(descriptor)
        // Closed with bytes unread, the connection would be reset, even where the client has ended its side long ago.
        if isReadable { readMore() } else if hasPeerEnded || sawHangUp { finishClosing() }
    }

    /// Bytes were thrown away: the client is still sending and has not looked at the answer yet.
    func discarded() {
        guard !worker.isDraining else { return }
        let next = worker.loop.now &+ Self.lingerTime.nanoseconds
        worker.loop.setDeadline(token, at: min(next, lingerEnd))
    }

    func finishClosing() {
        release { Socket.close(descriptor) }
    }

    /// Ends the connection at once and without close_notify, so that nothing cut short passes for complete.
    ///
    /// - Parameters:
    ///   - label: one word for the access log line of the request in flight, if there is one.
    ///   - status: the status of that line where none was sent.
    func cut(_ label: StaticString, status: Int = 0) {
        let unfinished = exchange
        let streams = http2
        http2 = nil
        abort()
        unfinished?.connectionCut(label, status: status)
        streams?.cutAll(label, status: status)
    }

    /// Resets the connection, on which no request is in flight.
    func abort() {
        release { Socket.abort(descriptor) }
    }

    /// A client that speaks plain HTTP on a TLS port is told so.
    func answerPlaintext() {
        let text: StaticString = """
            HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 47\r\n\
            Connection: close\r\n\r\n400 Bad Request: this port speaks HTTPS only.\r\n
            """
        _ = unsafe Socket.write(
            descriptor,
            UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
        linger()
    }

    /// A client whose first message cannot be read is told so, in the clear as there is no session yet.
    func answerAlert(_ code: UInt8) {
        let record: [UInt8] = [21, 3, 3, 0, 2, 2, code]
        _ = unsafe record.withUnsafeBytes { unsafe Socket.write(descriptor, $0) }
        linger()
    }

    private func release(_ closeDescriptor: () -> Void) {
        guard phase != .closed else { return }
        flushDue()
        phase = .closed
        worker.loop.remove(token)
        closeDescriptor()
        releaseInbound()
        if let queue = unsent.takeAll() { worker.giveBack(queue) }
        exchange = nil
        session = nil
        if let streams = http2 {
            http2 = nil
            streams.cutAll("client_gone", status: Self.clientGone)
        }
        worker.clientClosed(self)
    }

    /// What the access log says of a client that went away before any status was sent, as GoRouter does.
    static let clientGone = 499
    private static let lingerTime = Duration.seconds(2)
    private static let lingerLimit = Duration.seconds(10)
}
