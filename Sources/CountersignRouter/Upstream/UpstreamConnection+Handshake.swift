import CountersignPKI
import CountersignTLS
import CountersignTelemetry
import CountersignTransport

/// From a descriptor that is connecting to a link that requests are sent by.
extension UpstreamConnection {
    func connectEnded() {
        guard Socket.pendingError(of: descriptor) == 0 else {
            openingFailed(.refused)
            return
        }
        sendProxyHeader()
        if let plainLink {
            opened(.plain(plainLink))
        } else if let security = pool.security {
            startHandshake(security)
        }
    }

    func openingTimedOut() {
        openingFailed(.timedOut(isTLS: state == .handshaking, answered: hasAnswered))
    }

    private func startHandshake(_ security: UpstreamSecurity) {
        do throws(UpstreamContexts.Fault) {
            let begun = try worker.upstreamContexts.begin(security, pool, output: worker.upstreamCipher)
            handshake = begun.handshake
            edition = begun.edition
            endsAt = begun.endsAt
        } catch {
            openingFailed(error.failure)
            return
        }
        become(.handshaking)
        unsafe advance(UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// Reads the endpoint's part of the handshake.
    func readHandshake() {
        while isReadable, state == .handshaking {
            switch unsafe Socket.read(descriptor, into: worker.upstreamIn) {
            case .bytes(let count):
                if unsafe count < worker.upstreamIn.count, !sawHangUp { isReadable = false }
                unsafe receiveHandshake(UnsafeRawBufferPointer(rebasing: worker.upstreamIn[0..<count]))
            case .wouldBlock: isReadable = false
            case .endOfStream, .failed:
                isReadable = false
                openingFailed(.closed(answered: hasAnswered))
            }
        }
    }

    private func receiveHandshake(_ bytes: UnsafeRawBufferPointer) {
        if !hasAnswered {
            guard unsafe Self.isRecord(bytes) else {
                openingFailed(.notTLS)
                return
            }
            hasAnswered = true
        }
        unsafe advance(bytes)
    }

    /// Whether bytes begin as a TLS record does: its content type, then the version's first byte (RFC 8446 section 5.1).
    private static func isRecord(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard unsafe (20...24).contains(bytes[0]) else { return false }
        return unsafe bytes.count < 2 || bytes[1] == 3
    }

    private func advance(_ bytes: UnsafeRawBufferPointer) {
        guard let handshake else { return }
        let step = unsafe handshake.advance(bytes)
        flushCiphertext()
        switch step {
        case .needMore: break
        case .failed(let failure): openingFailed(UpstreamFailure(failure))
        case .verified(let upstream): handshakeFinished(upstream)
        }
    }

    private func handshakeFinished(_ upstream: VerifiedUpstream) {
        let plain = worker.upstreamPlain
        plain.removeAll()
        let rest = upstream.decryptRest(into: plain)
        flushCiphertext()
        // A server of HTTP/2 speaks first, of its settings, and that of a tunnel may.
        let maySpeakFirst = http2 != nil || exchange?.awaitsTunnel ?? false
        if let failure = Self.failure(rest, spokeFirst: !plain.isEmpty && !maySpeakFirst) {
            openingFailed(failure)
            return
        }
        guard http2 == nil || upstream.speaksHTTP2 else {
            openingFailed(.handshake(.protocolViolation("the endpoint did not agree to HTTP/2 by ALPN")))
            return
        }
        handshake = nil
        keepResumption(of: upstream)
        limitLifetime(by: upstream)
        worker.upstreamIndex.insert(self, of: upstream.peer) {
            upstream.peer.revocationKeys.byKeyIdentifier + upstream.peer.revocationKeys.byIssuerName
        }
        // What was revoked between the verification and now was sent to this worker before the index knew of this.
        if let rejection = feedRejection(of: upstream) {
            openingFailed(.rejected(rejection))
            return
        }
        worker.countHandshake(pool, upstream, since: openedAt)
        let greeting = keepGreeting(plain)
        opened(.secure(upstream))
        passOn(greeting)
    }

    /// What speaks against an endpoint by what it sent behind its handshake, before there was a request.
    private static func failure(_ rest: TLSSession.ReadStep, spokeFirst: Bool) -> UpstreamFailure? {
        switch rest {
        case .needMore:
            spokeFirst ? .handshake(.protocolViolation("the endpoint answered before there was a request")) : nil
        case .closed: .closed(answered: true)
        case .failed(let failure): UpstreamFailure(failure)
        }
    }

    private func opened(_ link: UpstreamLink) {
        self.link = link
        become(.active)
        if let http2 {
            exchange = nil
            http2.opened()
            return
        }
        if let queue = pending {
            pending = nil
            send(queue)
            worker.giveBack(queue)
        }
        if !unsent.isHeld { requestProgressed() }
        exchange?.upstreamOpened()
    }

    /// The connection cannot be opened: its request goes elsewhere, as nothing of it was sent.
    private func openingFailed(_ failure: UpstreamFailure) {
        guard state == .connecting || state == .handshaking else { return }
        let waiting = http2?.takeWaiting() ?? [(exchange, pending ?? worker.takeQueue())]
        exchange = nil
        pending = nil
        close()
        if pool.security != nil { worker.countFailure(failure, of: pool, inHandshake: true) }
        if !fallBack(waiting, failure) { goElsewhere(waiting, failure) }
        for (_, bytes) in waiting { worker.giveBack(bytes) }
    }

    /// Sends what waits in plain text, each request on a connection of its own, where that is allowed.
    ///
    /// - Returns: whether it is. A connection in plain text that fails is not followed by another one.
    private func fallBack(_ waiting: [(exchange: Exchange?, bytes: ByteQueue)], _ failure: UpstreamFailure) -> Bool {
        guard plainLink == nil, let security = pool.security,
            let permission = PlaintextPermission(insteadOf: security, after: failure)
        else { return false }
        pool.rememberFallback()
        for (exchange, bytes) in waiting {
            exchange?.fallBack(to: pool.openPlain(permission, security), bytes, failure)
        }
        return true
    }

    /// Sends what waits to other endpoints.
    ///
    /// However much that is, it is one connection that has failed.
    private func goElsewhere(_ waiting: [(exchange: Exchange?, bytes: ByteQueue)], _ failure: UpstreamFailure) {
        pool.failed(failure, of: waiting.lazy.compactMap { $0.exchange?.routeState }.first)
        for (exchange, bytes) in waiting { exchange?.connectFailed(bytes, failure) }
    }
}
