import CountersignTLS
import CountersignTransport

/// What comes and goes through the session with a verified endpoint.
extension UpstreamConnection {
    /// Decrypts what was read and gives it to the exchange.
    func decrypt(_ bytes: UnsafeRawBufferPointer, _ upstream: VerifiedUpstream, for exchange: Exchange) {
        // What was read borrows the worker's buffer, so it is decrypted whole before anything else happens.
        let plain = worker.upstreamPlain
        plain.removeAll()
        let step = unsafe upstream.decrypt(bytes, into: plain)
        flushCiphertext()
        keepResumption(of: upstream)
        if case .needMore = step {
        } else {
            sawHangUp = true
            isReadable = false
        }
        if !plain.isEmpty {
            hasReadNothing = false
            unsafe deliver(plain.readable, to: exchange)
        }
        guard state == .active, self.exchange === exchange, !exchange.isFinished else { return }
        switch step {
        case .needMore: break
        case .closed: exchange.upstreamEnded(isClean: true)
        case .failed(let failure): sessionFailed(failure, exchange)
        }
    }

    /// A TLS 1.3 endpoint judges the router's certificate after the handshake, before it looks at the request.
    private func sessionFailed(_ failure: TLSFailure, _ exchange: Exchange) {
        let reason = UpstreamFailure(failure)
        guard hasReadNothing, case .identityRefused = reason else {
            exchange.upstreamEnded(isClean: false)
            return
        }
        worker.countFailure(reason, of: pool, inHandshake: false)
        pool.failed(reason, of: exchange.routeState)
        exchange.upstreamRefusedIdentity(reason)
    }

    /// Reads from a connection that no request is on; in TLS, tickets and new keys may come at any time.
    func readIdle() {
        guard case .secure(let upstream) = link else {
            close()
            return
        }
        var rounds = 0
        while isReadable, state == .idle {
            rounds += 1
            // What has that much to say while nothing is asked is no use.
            guard rounds <= Self.idleRounds else {
                close()
                return
            }
            switch unsafe Socket.read(descriptor, into: worker.upstreamIn) {
            case .bytes(let count):
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: worker.upstreamIn[0..<count])
                if unsafe !isQuiet(bytes, upstream) { close() }
            case .wouldBlock: isReadable = false
            case .endOfStream, .failed: close()
            }
        }
    }

    /// Whether what came says nothing that a request would have to be there for.
    private func isQuiet(_ bytes: UnsafeRawBufferPointer, _ upstream: VerifiedUpstream) -> Bool {
        let plain = worker.upstreamPlain
        plain.removeAll()
        let step = unsafe upstream.decrypt(bytes, into: plain)
        flushCiphertext()
        keepResumption(of: upstream)
        guard case .needMore = step else {
            sawHangUp = true
            return false
        }
        return plain.isEmpty && unsent.isNothing
    }

    /// Tells the endpoint that nothing more will be sent, where that can be done at once.
    func sayGoodbye() {
        guard case .secure(let upstream) = link, unsent.isNothing, !sawHangUp else { return }
        upstream.closeNotify()
        let ready = worker.upstreamCipher
        _ = unsafe Socket.write(descriptor, ready.readable)
        ready.removeAll()
    }

    /// Keeps what the endpoint gave for the next connection to it.
    func keepResumption(of upstream: VerifiedUpstream) {
        if let resumption = upstream.takeResumption() { pool.keep(resumption, edition: edition) }
    }

    private static let idleRounds = 4
}
