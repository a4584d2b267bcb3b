import CountersignTLS
import CountersignTransport

/// What is written to the client: at once, or, where that ends a response, with what others have to send.
extension ClientConnection {
    /// Encrypts and sends; what the socket does not take is held.
    func send(_ plaintext: UnsafeRawBufferPointer) {
        guard phase == .open else { return }
        let isWritten = unsafe encrypt(plaintext)
        flushCiphertext()
        if !isWritten { cut("client_gone", status: Self.clientGone) }
    }

    /// Encrypts what ends a response, and sends it when the turn of the loop ends.
    func sendSoon(_ plaintext: UnsafeRawBufferPointer) {
        guard phase == .open else { return }
        let isWritten = unsafe encrypt(plaintext)
        let ready = worker.cipherOut
        switch unsent {
        case .nothing where ready.count <= Unsent.mostDue:
            let queue = worker.takeQueue()
            unsafe queue.append(ready.readable)
            ready.removeAll()
            unsent = .due(queue)
            worker.turnFlush.add(self)
        case .due(let queue) where queue.count + ready.count <= Unsent.mostDue:
            unsafe queue.append(ready.readable)
            ready.removeAll()
        case .nothing, .due, .held: flushCiphertext()
        }
        if !isWritten { cut("client_gone", status: Self.clientGone) }
    }

    /// Puts content into the worker's output queue as it goes over the wire; `false` when the session has failed.
    private func encrypt(_ plaintext: UnsafeRawBufferPointer) -> Bool {
        guard let session else {
            unsafe worker.cipherOut.append(plaintext)
            return true
        }
        return unsafe session.write(plaintext)
    }

    /// Sends what is in the worker's output queue, behind what was due.
    func flushCiphertext() {
        let ready = worker.cipherOut
        guard !ready.isEmpty else { return }
        defer { ready.removeAll() }
        guard phase != .closed else { return }
        switch unsent {
        case .nothing: write(ready)
        case .due(let queue):
            unsafe queue.append(ready.readable)
            flushDue()
        case .held(let queue): unsafe queue.append(ready.readable)
        }
    }

    /// Sends what was due when the turn ends.
    func flushDue() {
        guard let queue = unsent.takeDue() else { return }
        write(queue)
        worker.giveBack(queue)
    }

    /// The turn of the loop has ended.
    func turnEnded() {
        flushDue()
        // The client has not read its last answer: until it does, its time for the next request does not run.
        if unsent.isHeld, phase == .open, exchange == nil, http2 == nil { clearRequestDeadline() }
    }

    private func write(_ ready: ByteQueue) {
        switch unsafe Socket.write(descriptor, ready.readable) {
        case .bytes(let count):
            ready.consume(count)
            if !ready.isEmpty { hold(ready) }
        case .wouldBlock, .endOfStream: hold(ready)
        case .failed: sawHangUp = true
        }
    }

    private func hold(_ ready: ByteQueue) {
        let queue = worker.takeQueue()
        unsafe queue.append(ready.readable)
        unsent = .held(queue)
        if phase == .open { startWriteClock() }
    }

    /// Sends what the socket did not take; once all is gone, whoever waited for that goes on.
    func flushHeld() {
        guard case .held(let queue) = unsent, phase != .closed else { return }
        while !queue.isEmpty {
            switch unsafe Socket.write(descriptor, queue.readable) {
            case .bytes(let count):
                queue.consume(count)
                writeProgressed(count)
            case .wouldBlock, .endOfStream: return
            case .failed:
                cut("client_gone", status: Self.clientGone)
                return
            }
        }
        unsent = .nothing
        worker.giveBack(queue)
        outboundEmptied()
    }
}
