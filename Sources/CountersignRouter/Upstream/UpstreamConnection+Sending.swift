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

    private func transmit(_ bytes: ByteQueue, _ permission: PlaintextPermission) {
        guard outbound == nil else {
            hold(bytes)
            return
        }
        switch unsafe Socket.write(descriptor, bytes.readable) {
        case .bytes(let count):
            bytes.consume(count)
            if !bytes.isEmpty { hold(bytes) }
        case .wouldBlock, .endOfStream: hold(bytes)
        case .failed: writeFailed()
        }
    }

    private func transmit(_ bytes: ByteQueue, to upstream: VerifiedUpstream) {
        let isWritten = unsafe upstream.encrypt(bytes.readable)
        flushCiphertext()
        if !isWritten { writeFailed() }
    }

    /// Sends what the session has put into the worker's queue.
    func flushCiphertext() {
        let ready = worker.upstreamCipher
        guard !ready.isEmpty else { return }
        defer { ready.removeAll() }
        guard outbound == nil else {
            hold(ready)
            return
        }
        switch unsafe Socket.write(descriptor, ready.readable) {
        case .bytes(let count):
            ready.consume(count)
            if !ready.isEmpty { hold(ready) }
        case .wouldBlock, .endOfStream: hold(ready)
        case .failed: writeFailed()
        }
    }

    private func hold(_ bytes: ByteQueue) {
        let queue = outbound ?? worker.takeQueue()
        unsafe queue.append(bytes.readable)
        outbound = queue
        if state == .active { stalled() }
    }

    /// Sends what the socket did not take; once all is gone, the client goes on.
    func flush() {
        guard let queue = outbound, state == .active || state == .handshaking else { return }
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
        outbound = nil
        worker.giveBack(queue)
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
        if let queue = outbound {
            outbound = nil
            worker.giveBack(queue)
        }
        worker.loop.readAgain(token)
    }
}
