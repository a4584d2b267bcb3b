import CountersignIdentity
import CountersignTLS
import CountersignTelemetry
import CountersignTransport

extension ClientConnection {
    /// Collects the first flight until the server name is known, then lets the domain's own TLS context answer it.
    func receiveClientHello(_ bytes: UnsafeRawBufferPointer) {
        let waiting = inbound
        if let waiting {
            unsafe waiting.append(bytes)
            // Told bit by bit, a ClientHello is looked at again only when it can be complete.
            guard unsafe waiting.count >= ClientHelloPeek.leastLength(Span<UInt8>(_unsafeBytes: waiting.readable))
            else {
                return
            }
        }
        let hello = unsafe waiting?.readable ?? bytes
        let outcome = unsafe ClientHelloPeek.inspect(Span<UInt8>(_unsafeBytes: hello))
        switch outcome {
        case .needMore:
            guard waiting == nil else { return }
            let queue = worker.takeQueue()
            unsafe queue.append(bytes)
            inbound = queue
        case .clientHello(let name):
            unsafe startSession(serverName: name, hello: hello)
        case .notTLS:
            guard !isListenerPermissive else {
                unsafe startPlain(hello)
                return
            }
            countPlaintext()
            answerPlaintext()
        case .otherRecord:
            handshakeFailed(.protocolViolation("the first record is no handshake"))
            answerAlert(Self.unexpectedMessage)
        case .malformed:
            handshakeFailed(.protocolViolation("the ClientHello is malformed"))
            answerAlert(Self.decodeError)
        }
    }

    /// Alerts of RFC 8446 section 6.2.
    private static let unexpectedMessage: UInt8 = 10
    private static let decodeError: UInt8 = 50

    private func startSession(serverName: [UInt8]?, hello: UnsafeRawBufferPointer) {
        let name = Self.normalise(serverName)
        let domain = name.isEmpty ? nil : worker.snapshot.domain(of: name.span)
        identity = ConnectionIdentity(serverName: name, domain: domain, peer: nil)
        guard
            let context = worker.snapshot.context(serverName: name, domain: domain),
            let session = try? TLSSession(server: context, output: worker.cipherOut)
        else {
            abort()
            return
        }
        self.session = session
        phase = .handshake
        unsafe session.feed(hello)
        continueHandshake()
        releaseInbound()
    }

    func continueHandshake() {
        guard let session else { return }
        // Its arithmetic takes as long as several requests do.
        worker.turnFlush.flush()
        let step = session.handshake()
        flushCiphertext()
        switch step {
        case .needMore: break
        case .failed(let failure):
            handshakeFailed(failure)
            linger()
        case .finished:
            handshakeFinished(session)
        }
    }

    private func handshakeFinished(_ session: TLSSession) {
        guard phase == .handshake else { return }
        let seen = Self.normalise(session.serverName.map { Array($0.utf8) })
        // The context, and with it the trust anchors, was chosen by the peeked name. Both readings must agree, and an
        // mTLS domain's connection must have a verified client, or nothing is served on it.
        guard seen == identity.serverName, identity.domain == nil || session.peer != nil else {
            handshakeFailed(.serverNameMismatch)
            abort()
            return
        }
        identity = worker.identity(serverName: seen, domain: identity.domain, peer: session.peer)
        phase = .open
        worker.handshakeFinished(self, session)
        guard phase == .open else { return }
        guard !worker.isDraining else {
            close()
            return
        }
        idleSince = worker.loop.now
        if unsent.isHeld { startWriteClock() }
        setRequestDeadline(worker.timeouts.keepAlive)
        if session.speaksHTTP2 { http2 = ClientMultiplexer(self) }
        readPlaintext()
        settleTickets()
    }

    /// Sends the session tickets; where a response is going to be written, they wait for that for a while.
    private func settleTickets() {
        guard phase == .open else { return }
        guard exchange?.isRequestComplete != true else {
            worker.ticketsToCome.append(self)
            return
        }
        sendTickets()
    }

    /// Sends the session tickets that have not been sent.
    func sendTickets() {
        guard phase == .open, let session else { return }
        guard session.writeTickets() else {
            cut("client_gone", status: Self.clientGone)
            return
        }
        flushCiphertext()
    }

    func handshakeFailed(_ failure: TLSFailure) {
        worker.handshakeFailed(self, failure)
    }

    /// Decrypts what was fed and serves what it holds.
    func readPlaintext() {
        guard let session else { return }
        // What was fed borrows the worker's receive buffer, so it is decrypted whole before anything else happens.
        let plain = worker.plain
        plain.removeAll()
        let step = session.read(into: plain)
        flushCiphertext()
        if !plain.isEmpty { serve(plain) }
        switch step {
        case .needMore: break
        case .closed:
            hasPeerEnded = true
            hasEndedInOrder = true
            settleEndOfStream()
        case .failed:
            if phase == .open { cut("client_gone", status: Self.clientGone) }
        }
    }

    /// The name in the one normal form that hosts of requests are compared in; empty when there is no valid one.
    private static func normalise(_ name: [UInt8]?) -> [UInt8] {
        guard let name, let host = HostName(serverName: name.span) else { return [] }
        return host.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }
}
