import CountersignHTTP1
import CountersignTLS
import CountersignTransport

extension ClientConnection {
    /// Ends the connection after everything that was written has been sent.
    func close() {
        guard phase == .open else { return }
        if let outbound, !outbound.isEmpty {
            closesWhenFlushed = true
            return
        }
        linger()
    }

    /// Says good-bye and waits for the client to end its side, so that unread bytes do not reset the last answer away.
    func linger() {
        guard phase != .lingering, phase != .closed else { return }
        if phase == .open {
            session?.closeNotify()
            phase = .lingering
            flushCiphertext()
        } else {
            phase = .lingering
        }
        lingerBudget = Self.lingerBytes
        releaseInbound()
        worker.loop.setDeadline(token, at: worker.loop.now &+ Self.lingerTime.nanoseconds)
        if outbound?.isEmpty ?? true { endWriting() }
    }

    /// Everything is sent: end this side, and close when the other side has ended, too.
    func endWriting() {
        guard phase == .lingering else { return }
        Socket.shutdownWriting(descriptor)
        if hasPeerEnded || sawHangUp { finishClosing() } else if isReadable { readMore() }
    }

    func discard(_ count: Int) {
        lingerBudget -= count
        if lingerBudget < 0 { finishClosing() }
    }

    func finishClosing() {
        release { Socket.close(descriptor) }
    }

    /// Ends the connection at once and without close_notify, so that nothing cut short passes for complete.
    func abort() {
        let unfinished = exchange
        release { Socket.abort(descriptor) }
        unfinished?.clientGone()
    }

    /// Cuts the connection and what is in flight on it, toward the backend as well.
    ///
    /// The client gets a reset in place of an alert or close_notify: nothing more is said to whoever holds a
    /// certificate that does not count.
    ///
    /// - Parameter label: one word for the access log line of the request in flight.
    func cut(_ label: StaticString) {
        if let exchange { exchange.cut(label) }
        abort()
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

    private func release(_ closeDescriptor: () -> Void) {
        guard phase != .closed else { return }
        phase = .closed
        worker.loop.remove(token)
        closeDescriptor()
        releaseInbound()
        if let queue = outbound {
            outbound = nil
            worker.giveBack(queue)
        }
        exchange = nil
        session = nil
        worker.clientClosed(self)
    }

    private static let lingerBytes = 256 * 1024
    private static let lingerTime = Duration.seconds(2)
}
