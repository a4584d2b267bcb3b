import CountersignTLS
import CountersignTransport

extension UpstreamConnection {
    /// Says that no more comes, while what the endpoint sends is still passed on.
    func endWriting() {
        flushDue()
        switch link {
        case .plain: Socket.shutdownWriting(descriptor)
        case .secure(let upstream):
            upstream.closeNotify()
            flushCiphertext()
        case .none: break
        }
    }

    /// Keeps what the endpoint said right behind its handshake, before a tunnel is there to pass it on; nil for nothing.
    func keepGreeting(_ plain: ByteQueue) -> ByteQueue? {
        guard !plain.isEmpty else { return nil }
        let queue = worker.takeQueue()
        unsafe queue.append(plain.readable)
        return queue
    }

    /// Passes on what the endpoint said before the tunnel was there.
    func passOn(_ greeting: ByteQueue?) {
        guard let greeting else { return }
        defer { worker.giveBack(greeting) }
        if let http2 {
            unsafe http2.receive(greeting.readable)
            return
        }
        guard state == .active, let exchange else { return }
        hasReadNothing = false
        unsafe deliver(greeting.readable, to: exchange)
    }
}
