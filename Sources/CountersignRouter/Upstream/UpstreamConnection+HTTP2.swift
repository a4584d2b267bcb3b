import CountersignTLS
import CountersignTransport

/// A connection of HTTP/2 is shared by exchanges, each on a stream of ``UpstreamMultiplexer``.
extension UpstreamConnection {
    /// Whether what is sent is encrypted.
    var isSecure: Bool {
        if case .secure = link { true } else { false }
    }

    /// Whether the connection can carry one more exchange beside others.
    var takesStream: Bool {
        guard let http2, http2.takesStream, !isRetiring, !sawHangUp else { return false }
        // One that tells the endpoint of one client is that client's alone.
        guard !hasProxyHeader, exchange == nil else { return false }
        switch state {
        case .connecting, .handshaking: return plainLink == nil || pool.security == nil
        case .active, .idle:
            if case .secure(let upstream) = link { return isCurrent(upstream) }
            return pool.security == nil
        case .closed: return false
        }
    }

    /// Reads what the endpoint sent; flow control, and not reading, holds back content that clients do not take.
    func readStreams(_ http2: UpstreamMultiplexer) {
        var rounds = 0
        while isReadable, state == .active || state == .idle {
            guard rounds < Self.streamRounds else {
                worker.loop.readAgain(token)
                return
            }
            rounds += 1
            switch unsafe Socket.read(descriptor, into: worker.upstreamIn) {
            case .bytes(let count):
                if unsafe count < worker.upstreamIn.count, !sawHangUp { isReadable = false }
                unsafe receiveStreams(UnsafeRawBufferPointer(rebasing: worker.upstreamIn[0..<count]), http2)
            case .wouldBlock: isReadable = false
            case .endOfStream, .failed:
                isReadable = false
                http2.ended()
            }
        }
    }

    private func receiveStreams(_ bytes: UnsafeRawBufferPointer, _ http2: UpstreamMultiplexer) {
        guard case .secure(let upstream) = link else {
            unsafe http2.receive(bytes)
            return
        }
        let plain = worker.upstreamPlain
        plain.removeAll()
        let step = unsafe upstream.decrypt(bytes, into: plain)
        flushCiphertext()
        keepResumption(of: upstream)
        if !plain.isEmpty {
            unsafe http2.receive(plain.readable)
        }
        switch step {
        case .needMore: break
        case .failed(let failure):
            let reason = UpstreamFailure(failure)
            sawHangUp = true
            if case .identityRefused = reason, state != .closed {
                worker.countFailure(reason, of: pool, inHandshake: false)
                pool.suspend(for: reason)
                http2.lost("upstream_refused_identity", reason)
            } else {
                http2.ended()
            }
        case .closed:
            sawHangUp = true
            http2.ended()
        }
    }

    private static let streamRounds = 4
}
