import CountersignHTTP1
import CountersignTLS
import CountersignTransport

/// One client's connection: an optional TLS handshake, then requests whose answers go out in their order.
///
/// Facets: `+TLS`, `+Requests` (bytes to handlers), `+Answers` (answers to bytes), `+Closing` (ends and deadlines).
final class ServerConnection: ReadinessHandler {
    /// Where the connection is in its life; it only moves downward.
    enum Phase {
        case handshake
        /// Requests are served.
        case open
        /// All is said; what still arrives is thrown away so that the client can read the last answer.
        case lingering
        case closed
    }

    unowned let listener: ServerListener
    let descriptor: Int32
    var info: ServerConnectionInfo
    var token = HandlerToken.none
    var phase = Phase.open

    var session: TLSSession?
    /// Under which context, and which edition of its trust, the client was accepted.
    var acceptance: (context: TLSContext, edition: UInt64)?

    /// Plaintext that has arrived and is not used up.
    let inbound = ByteQueue()
    var boundary = HeadBoundary()
    var isHeadPartial = false
    var incoming: IncomingRequest?

    /// Requests that are not answered whole, in their order; sequences have no gaps.
    var exchanges: [ServerExchange] = []
    var nextSequence: UInt64 = 0
    /// Bytes for the socket, encrypted where there is TLS.
    let wire = ByteQueue()
    /// What is left of the first exchange's content, when that is sent from place.
    var rest: ArraySlice<UInt8> = []
    /// A client waits for leave to send its content, and earlier answers go first.
    var owesContinue = false

    /// There may be bytes to read; cleared by a read that comes up short.
    var isReadable = false
    /// The peer has ended its direction, on TCP or with close_notify.
    var hasPeerEnded = false
    var sawHangUp = false
    /// No request that has not begun is taken any more.
    var takesNoMore = false
    /// The connection ends once what is written has been sent.
    var endsWhenSent = false
    var isProcessing = false
    /// Marks the connection while the listener hands out answers.
    var isTouched = false
    var streamEnd = StreamEnd.peerGone

    /// When the last request ended, in the loop's nanoseconds.
    var idleSince: UInt64
    /// When the client had last taken all, or ``pieceTaken`` began to be counted anew.
    var sentAt: UInt64
    /// How many bytes the client has taken since ``sentAt``.
    var pieceTaken = 0
    /// Since when there have been bytes that the client has not taken.
    var unsentSince: UInt64
    /// By when the request that is being read has to be whole.
    var requestDeadline = UInt64.max
    var lingerBudget = 256 * 1024

    init(listener: ServerListener, descriptor: Int32, info: ServerConnectionInfo) {
        self.listener = listener
        self.descriptor = descriptor
        self.info = info
        self.idleSince = listener.loop.now
        self.sentAt = listener.loop.now
        self.unsentSince = listener.loop.now
    }

    func start() -> Bool {
        if let tls = listener.tls {
            guard let context = tls.context(), let session = try? TLSSession(server: context, output: wire) else {
                return false
            }
            self.session = session
            acceptance = (context, context.edition)
            phase = .handshake
        }
        guard let token = listener.loop.add(descriptor, self) else { return false }
        self.token = token
        if phase == .handshake { setDeadline(after: listener.times.handshake) } else { settle() }
        return true
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.hangUp) { sawHangUp = true }
        if readiness.contains(.readable) { isReadable = true }
        if readiness.contains(.broken) { close() } else { advance() }
        listener.drainInbox()
    }

    func deadlinePassed() {
        expire()
        listener.drainInbox()
    }

    /// Goes on wherever it can: sends what is ready, takes requests, reads on.
    func advance() {
        switch phase {
        case .closed: return
        case .handshake, .lingering:
            if !wire.isEmpty { _ = sendWire() }
        case .open:
            pump()
            process()
        }
        readMore()
        settle()
    }

    private func readMore() {
        var rounds = 0
        while isReadable, wantsToRead {
            guard rounds < Self.roundsPerTurn else {
                listener.loop.readAgain(token)
                return
            }
            rounds += 1
            let buffer = unsafe listener.receiveBuffer
            switch unsafe Socket.read(descriptor, into: buffer) {
            case .bytes(let count):
                // Registration is edge-triggered: a short read has emptied the socket, unless an end follows it.
                if count < buffer.count, !sawHangUp { isReadable = false }
                unsafe receive(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
            case .wouldBlock: isReadable = false
            case .endOfStream:
                isReadable = false
                hasPeerEnded = true
                if phase != .open { close() }
            case .failed: close()
            }
        }
    }

    private var wantsToRead: Bool {
        switch phase {
        case .handshake, .lingering: true
        case .open: !hasPeerEnded && takesRequests
        case .closed: false
        }
    }

    /// Whether something has come that will be read in this turn or the next one.
    var hasUnread: Bool { phase != .lingering && wantsToRead && Socket.hasUnread(descriptor) }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        switch phase {
        case .handshake:
            unsafe session?.feed(bytes)
            continueHandshake()
        case .open:
            if let session {
                unsafe session.feed(bytes)
                readPlaintext(session)
            } else {
                unsafe inbound.append(bytes)
            }
            process()
        case .lingering: discard(bytes.count)
        case .closed: break
        }
    }

    private static let roundsPerTurn = 4
}
