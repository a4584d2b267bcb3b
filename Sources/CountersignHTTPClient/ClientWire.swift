import CountersignPKI
import CountersignTLS
import CountersignTransport
import Glibc

/// One connection to a server, blocking and with deadlines: bytes out, bytes in, encrypted or not.
@safe
final class ClientWire: @unchecked Sendable {
    // SAFETY: one call at a time has it; the client's pool hands it from one to the next under a lock.
    let socket: ClientSocket
    /// The edition of the client's TLS under which it was made.
    let edition: UInt64
    /// Plaintext that has arrived and is not used up.
    let inbound = ByteQueue()
    /// When it was last put aside, in monotonic nanoseconds.
    var idleSince: UInt64 = 0

    private let label: String
    private var session: TLSSession?
    private var isEstablished = false
    /// The server has said that nothing more comes.
    private var hasEnded = false
    private let outbound = ByteQueue()
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    /// Takes a descriptor that is connecting.
    ///
    /// - Parameter label: the endpoint, for messages.
    init(socket: ClientSocket, label: String, edition: UInt64) {
        self.socket = socket
        self.label = label
        self.edition = edition
    }

    deinit {
        unsafe buffer.deallocate()
    }

    /// Whether nothing has arrived, the end neither: only then can the connection be used for another call.
    var isQuiet: Bool {
        inbound.isEmpty && socket.wait(for: POLLIN, until: Deadline(within: .zero)) == nil
    }

    /// Waits until the connection is there, and makes it a TLS one.
    func establish(_ tls: ClientTLS?, serverName: String?, until deadline: Deadline) throws(HTTPClientError) {
        try wait(for: Int32(POLLOUT), until: deadline, while: "connecting")
        let code = Socket.pendingError(of: socket.descriptor)
        guard code == 0 else { throw failure(code, while: "connecting") }
        guard let tls else {
            isEstablished = true
            return
        }
        let session: TLSSession
        do {
            session = try TLSSession(client: tls.context, serverName: tls.serverName ?? serverName, output: outbound)
        } catch {
            throw HTTPClientError(.tlsFailed, "\(label): \(error)")
        }
        self.session = session
        try shakeHands(session, until: deadline)
        isEstablished = true
    }

    /// Sends bytes.
    ///
    /// - Returns: `false` when the server began to answer, or closed, before all was sent.
    func send(_ bytes: [UInt8], until deadline: Deadline) throws(HTTPClientError) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let piece = bytes[sent..<min(bytes.count, sent + Self.pieceSize)]
            sent += piece.count
            let isTaken = unsafe piece.withUnsafeBytes { bytes in
                guard let session else {
                    unsafe outbound.append(bytes)
                    return true
                }
                return unsafe session.write(bytes)
            }
            guard isTaken else { throw HTTPClientError(.tlsFailed, "\(label): the TLS session cannot write") }
            guard try flush(until: deadline) else { return false }
        }
        return true
    }

    /// Waits for bytes and adds them to ``inbound``.
    ///
    /// - Returns: `false` when the server has ended its direction; in TLS it must have said so.
    func receive(until deadline: Deadline) throws(HTTPClientError) -> Bool {
        while true {
            let before = inbound.count
            guard try readOnce() else { return inbound.count > before }
            if inbound.count > before { return true }
            try wait(for: Int32(POLLIN), until: deadline, while: "waiting for the answer")
        }
    }

    private func shakeHands(_ session: TLSSession, until deadline: Deadline) throws(HTTPClientError) {
        while true {
            let step = session.handshake()
            let isSent = try flush(until: deadline)
            switch step {
            case .finished: return
            case .failed(let failure): throw error(failure)
            case .needMore: break
            }
            guard isSent else { throw lost("during the handshake") }
            try wait(for: Int32(POLLIN), until: deadline, while: "shaking hands")
            switch unsafe Socket.read(socket.descriptor, into: buffer) {
            case .bytes(let count): unsafe session.feed(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            case .wouldBlock: continue
            case .endOfStream: throw lost("during the handshake")
            case .failed(let code): throw failure(code, while: "shaking hands")
            }
        }
    }

    /// Sends what is encrypted; returns `false` when the server answers or closes instead of taking it.
    private func flush(until deadline: Deadline) throws(HTTPClientError) -> Bool {
        while !outbound.isEmpty {
            switch unsafe Socket.write(socket.descriptor, outbound.readable) {
            case .bytes(let count): outbound.consume(count)
            case .wouldBlock, .endOfStream:
                let events = try wait(for: Int32(POLLIN | POLLOUT), until: deadline, while: "sending")
                if events & Int32(POLLIN) != 0, isEstablished {
                    guard try readOnce(), inbound.isEmpty else { return false }
                }
            case .failed(let code):
                // What the server said before it closed tells more than the error does.
                if isEstablished { return false }
                throw failure(code, while: "sending")
            }
        }
        return true
    }

    /// Takes what has arrived; returns `false` at the end.
    private func readOnce() throws(HTTPClientError) -> Bool {
        guard !hasEnded else { return false }
        switch unsafe Socket.read(socket.descriptor, into: buffer) {
        case .bytes(let count):
            guard let session else {
                unsafe inbound.append(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
                return true
            }
            unsafe session.feed(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            switch session.read(into: inbound) {
            case .needMore: return true
            case .closed:
                hasEnded = true
                return false
            case .failed(let failure): throw error(failure)
            }
        case .wouldBlock: return true
        case .endOfStream:
            guard session == nil else { throw lost("without ending the TLS session") }
            if socket.isCancelled { throw cancelled }
            return false
        case .failed(let code): throw failure(code, while: "reading")
        }
    }

    @discardableResult
    private func wait(
        for events: Int32,
        until deadline: Deadline,
        while doing: String
    ) throws(HTTPClientError) -> Int32 {
        let found = socket.wait(for: events, until: deadline)
        if socket.isCancelled { throw cancelled }
        guard let found else { throw HTTPClientError(.timeout, "\(label): the time was over while \(doing)") }
        return found
    }

    private var cancelled: HTTPClientError {
        HTTPClientError(.cancelled, "\(label): the call was ended")
    }

    private func lost(_ when: String) -> HTTPClientError {
        if socket.isCancelled { return cancelled }
        return HTTPClientError(.connectionLost, "\(label): the server closed the connection \(when)")
    }

    private func failure(_ code: Int32, while doing: String) -> HTTPClientError {
        if socket.isCancelled { return cancelled }
        return .system(code, label: label, while: doing)
    }

    private func error(_ failure: TLSFailure) -> HTTPClientError {
        switch failure {
        case .certificateRejected(let found):
            let reason = "\(label): the server's certificate is not accepted: \(found.explanation)"
            return HTTPClientError(.tlsRejected, reason, rejection: found.code)
        case .alertReceived(let alert):
            return HTTPClientError(.tlsRefused, "\(label): the server refused with \(AlertName.text(of: alert))")
        case .certificateMissing, .protocolViolation, .timeout, .serverNameMismatch:
            return HTTPClientError(.tlsFailed, "\(label): TLS failed: \(failure.explanation)")
        }
    }

    private static let pieceSize = 64 * 1024
}
