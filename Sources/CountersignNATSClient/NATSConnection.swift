import CountersignNATS
import CountersignPKI
import CountersignTLS
package import CountersignTransport

/// One connection to one server of the bus, from the first packet to its end.
///
/// Belongs to the client's thread. What waits to be sent is bounded; what has come is bounded by the parser's limits and
/// one read.
package final class NATSConnection: ReadinessHandler {
    private enum Phase {
        case connecting
        case shakingHands
        case talking
        case closed
    }

    /// What becomes of the connection, for the client.
    struct Events {
        let ready: (NATSConnection) -> Void
        let failed: (NATSConnection, String) -> Void
    }

    let server: NATSClientSettings.Server
    private let loop: EventLoop
    private let settings: NATSClientSettings
    private unowned let listener: any NATSListener
    private let events: Events
    private let descriptor: Int32
    private var token = HandlerToken.none
    private var phase = Phase.connecting
    private var protocolSession: NATSSession
    private var parser = NATSParser()
    private var tls: TLSSession?
    private(set) var isReady = false
    /// Plain bytes that have come and are not used up.
    private let inbound = ByteQueue()
    /// Bytes for the wire that it has not taken.
    private let outbound = ByteQueue()
    private let cipherIn: ByteQueue
    private var messages: [NATSMessage] = []

    /// Starts to connect.
    ///
    /// - Throws: `SystemError` when that fails at once.
    init(
        to address: SocketAddress,
        of server: NATSClientSettings.Server,
        settings: NATSClientSettings,
        loop: EventLoop,
        listener: any NATSListener,
        events: Events
    ) throws(SystemError) {
        self.server = server
        self.loop = loop
        self.settings = settings
        self.listener = listener
        self.events = events
        self.cipherIn = ByteQueue(capacity: server.tls == nil ? 0 : Self.readSize)
        self.protocolSession = NATSSession(
            name: settings.name,
            version: settings.version,
            credentials: settings.credentials,
            usesTLS: server.tls != nil
        )
        self.descriptor = try Socket.connect(to: address)
        guard let token = loop.add(descriptor, self) else {
            let error = SystemError(action: "watch a connection to \(address)")
            Socket.close(descriptor)
            throw error
        }
        self.token = token
        loop.setDeadline(token, at: loop.now &+ settings.connectTime.nanoseconds)
    }

    /// Publishes a message; one on a subject that cannot be published on is left out.
    package func publish(_ subject: String, _ payload: [UInt8]) {
        guard isReady, let bytes = NATSCommand.publish(subject, payload) else { return }
        send(bytes)
    }

    package func ready(_ readiness: Readiness) {
        if phase == .connecting {
            guard readiness.contains(.writable) || readiness.contains(.broken) else { return }
            let code = Socket.pendingError(of: descriptor)
            guard code == 0 else {
                fail(SystemError(action: "connect", code: code).description)
                return
            }
            phase = .talking
        }
        if readiness.contains(.writable) { flush() }
        if phase != .closed, readiness.contains(.readable) { read() }
    }

    package func deadlinePassed() {
        guard isReady else {
            fail("the server did not let the client in within \(settings.connectTime)")
            return
        }
        loop.setDeadline(token, at: loop.now &+ settings.pingInterval.nanoseconds)
        _ = act(protocolSession.intervalPassed())
    }

    /// Ends the connection without telling anybody.
    func close() {
        guard phase != .closed else { return }
        phase = .closed
        isReady = false
        loop.remove(token)
        Socket.close(descriptor)
    }

    private func fail(_ reason: String) {
        guard phase != .closed else { return }
        close()
        events.failed(self, reason)
    }

    // Reading

    private func read() {
        for _ in 0..<Self.roundsPerTurn {
            guard phase != .closed else { return }
            let buffer = tls == nil ? inbound : cipherIn
            let room = unsafe buffer.writable(atLeast: Self.readSize)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: room[0..<Self.readSize])
            switch unsafe Socket.read(descriptor, into: part) {
            case .bytes(let count):
                buffer.advance(count)
                if tls != nil { decrypt() } else { process() }
            case .wouldBlock: return
            case .endOfStream:
                fail("the server closed the connection")
                return
            case .failed(let code):
                fail(SystemError(action: "read", code: code).description)
                return
            }
        }
        loop.readAgain(token)
    }

    private func decrypt() {
        guard let tls else { return }
        unsafe tls.feed(cipherIn.readable)
        defer { cipherIn.removeAll() }
        if phase == .shakingHands {
            shakeHands(tls)
            guard phase == .talking else { return }
        }
        let step = tls.read(into: inbound)
        process()
        switch step {
        case .needMore: flush()
        case .closed: fail("the server ended the TLS session")
        case .failed(let failure): fail("TLS failed: \(failure.explanation)")
        }
    }

    private func shakeHands(_ tls: TLSSession) {
        let step = tls.handshake()
        flush()
        switch step {
        case .needMore: break
        case .finished:
            phase = .talking
            _ = act(protocolSession.tlsEstablished())
        case .failed(.certificateRejected(let rejection)):
            fail("the server's certificate is not accepted: \(rejection.explanation)")
        case .failed(let failure): fail("TLS failed: \(failure.explanation)")
        }
    }

    /// Acts upon everything that has come whole; messages in a row are handed on together.
    private func process() {
        var offset = 0
        messages.removeAll(keepingCapacity: true)
        parsing: while phase == .talking {
            let bytes = unsafe Span<UInt8>(_unsafeBytes: inbound.readable)
            let event = parser.next(bytes, from: &offset)
            if event == .needMore { break }
            let action = protocolSession.receive(event, in: bytes)
            if case .deliver(let message) = action {
                messages.append(message)
                continue
            }
            deliver()
            guard act(action) else { break parsing }
        }
        deliver()
        inbound.consume(offset)
        // What came in the clear behind the greeting could be anybody's, and would be taken for the server's.
        if phase == .shakingHands, !inbound.isEmpty { fail("the server sent more in plain text before TLS") }
    }

    private func deliver() {
        guard !messages.isEmpty, phase != .closed else { return }
        listener.received(messages, in: unsafe Span<UInt8>(_unsafeBytes: inbound.readable), self)
        messages.removeAll(keepingCapacity: true)
    }

    // Acting

    /// Does what the session wants; `false` when what follows is not to be read in the same way.
    private func act(_ action: NATSSession.Action) -> Bool {
        switch action {
        case .none, .deliver: return true
        case .send(let bytes): send(bytes)
        case .ready:
            isReady = true
            loop.setDeadline(token, at: loop.now &+ settings.pingInterval.nanoseconds)
            send(NATSCommand.subscribe(settings.subject, number: 1))
            events.ready(self)
        case .dropped(let count): listener.dropped(bytes: count)
        case .complain(let words): listener.complained(server.label, words)
        case .fail(let failure): fail(failure.description)
        case .startTLS:
            startTLS()
            return false
        }
        return phase != .closed
    }

    private func startTLS() {
        guard let context = server.tls else { return }
        let isNumeric = SocketAddress(numericHost: server.host, port: server.port) != nil
        do {
            let session = try TLSSession(
                client: context,
                serverName: isNumeric ? nil : server.host,
                output: outbound
            )
            tls = session
            phase = .shakingHands
            shakeHands(session)
        } catch {
            fail("TLS cannot begin: \(error)")
        }
    }

    // Writing

    private func send(_ bytes: [UInt8]) {
        guard phase == .talking else { return }
        if let tls {
            guard unsafe bytes.withUnsafeBytes({ unsafe tls.write($0) }) else {
                fail("the TLS session cannot write")
                return
            }
        } else {
            outbound.append(bytes)
        }
        flush()
        if outbound.count > Self.maximumOutbound { fail("the server does not take what is sent to it") }
    }

    private func flush() {
        while phase != .closed, phase != .connecting, !outbound.isEmpty {
            switch unsafe Socket.write(descriptor, outbound.readable) {
            case .bytes(let count): outbound.consume(count)
            case .wouldBlock, .endOfStream: return
            case .failed(let code):
                fail(SystemError(action: "write", code: code).description)
                return
            }
        }
    }

    private static let readSize = 64 * 1024
    private static let roundsPerTurn = 16
    /// What a client says is short; what waits is bounded by this and one message.
    private static let maximumOutbound = 1024 * 1024
}
