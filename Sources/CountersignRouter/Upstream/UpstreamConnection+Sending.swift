import CountersignTransport

extension UpstreamConnection {
    /// Sends request bytes and empties the queue; what the socket does not take is held.
    func send(_ bytes: ByteQueue) {
        defer { bytes.removeAll() }
        switch link {
        case .plain(let permission): transmit(bytes, permission)
        case .secure(let upstream): transmit(bytes, to: upstream)
        case .none:
            let queue = pending ?? worker.takeQueue()
            unsafe queue.append(bytes.readable)
            pending = queue
        }
    }

    /// Sends a request that is complete when the turn of the loop ends, and empties the queue.
    func sendSoon(_ bytes: ByteQueue) {
        guard !bytes.isEmpty, bytes.count <= Unsent.mostDue, unsent.isNothing else {
            send(bytes)
            return
        }
        switch link {
        case .plain: fallDue(bytes)
        case .secure(let upstream):
            let isWritten = unsafe upstream.encrypt(bytes.readable)
            bytes.removeAll()
            fallDue(worker.upstreamCipher)
            if !isWritten { writeFailed() }
        case .none: send(bytes)
        }
    }

    private func fallDue(_ ready: ByteQueue) {
        let queue = worker.takeQueue()
        unsafe queue.append(ready.readable)
        ready.removeAll()
        unsent = .due(queue)
        worker.turnFlush.add(self)
    }

    /// Sends what was due when the turn ends.
    func flushDue() {
        guard let queue = unsent.takeDue() else { return }
        write(queue)
        worker.giveBack(queue)
    }

    private func transmit(_ bytes: ByteQueue, _ permission: PlaintextPermission) {
        flushDue()
        if unsent.isHeld { hold(bytes) } else { write(bytes) }
    }

    private func transmit(_ bytes: ByteQueue, to upstream: VerifiedUpstream) {
        let isWritten = unsafe upstream.encrypt(bytes.readable)
        flushCiphertext()
        if !isWritten { writeFailed() }
    }

    /// Sends what the session has put into the worker's queue, behind what was due.
    func flushCiphertext() {
        let ready = worker.upstreamCipher
        guard !ready.isEmpty else { return }
        defer { ready.removeAll() }
        flushDue()
        if unsent.isHeld { hold(ready) } else { write(ready) }
    }

    private func write(_ bytes: ByteQueue) {
        switch unsafe Socket.write(descriptor, bytes.readable) {
        case .bytes(let count):
            bytes.consume(count)
            if !bytes.isEmpty { hold(bytes) }
        case .wouldBlock, .endOfStream: hold(bytes)
        case .failed: writeFailed()
        }
    }

    private func hold(_ bytes: ByteQueue) {
        if case .held(let queue) = unsent {
            unsafe queue.append(bytes.readable)
        } else {
            let queue = worker.takeQueue()
            unsafe queue.append(bytes.readable)
            unsent = .held(queue)
        }
        if state == .active { stalled() }
    }

    /// Sends what the socket did not take; once all is gone, the client goes on.
    func flushHeld() {
        guard case .held(let queue) = unsent, state == .active || state == .handshaking || http2 != nil else { return }
        while !queue.isEmpty {
            switch unsafe Socket.write(descriptor, queue.readable) {
            case .bytes(let count): queue.consume(count)
            case .wouldBlock, .endOfStream:
                if state == .active { stalled() }
                return
            case .failed:
                writeFailed()
                return
            }
        }
        unsent = .nothing
        worker.giveBack(queue)
        if let http2, state == .active || state == .idle {
            http2.outboundEmptied()
            return
        }
        guard state == .active else { return }
        requestProgressed()
    }

    /// All that there is of the request has been sent.
    func requestProgressed() {
        if exchange?.isRequestComplete ?? false { awaitResponse() } else { setDeadline(at: .max) }
        exchange?.upstreamCanTakeMore()
    }

    /// The backend does not read: its time runs, and the client's does not.
    private func stalled() {
        let timeout = isTunnel ? worker.timeouts.tunnelIdle : worker.timeouts.response
        setDeadline(at: worker.loop.now &+ timeout.nanoseconds)
        exchange?.clearClientDeadline()
    }

    /// The backend takes no more; its answer may have come before, so it is read before the connection is given up.
    private func writeFailed() {
        isReadable = true
        sawHangUp = true
        if let queue = unsent.takeAll() { worker.giveBack(queue) }
        worker.loop.readAgain(token)
    }
}
