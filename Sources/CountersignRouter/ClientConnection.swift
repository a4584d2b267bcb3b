import CountersignHTTP1
import CountersignPKI
import CountersignProxyProtocol
import CountersignTLS
import CountersignTelemetry
import CountersignTransport

/// One client's connection, from its first byte to its end: TLS, then one exchange after the other.
///
/// Facets: `+TLS` (server name, handshake, records), `+Requests` (plaintext to exchanges), `+Sending`, `+Deadlines`,
/// `+Lifetime` (the end with its certificate or by age), `+Closing`.
final class ClientConnection: ReadinessHandler, IndexedConnection {
    /// Where the connection is in its life; it only moves downward.
    enum Phase {
        /// It is being found out which local process is at the other end; nothing is read.
        case identifying
        /// Nothing but part of a PROXY protocol header has arrived.
        case proxyHeader
        /// Nothing but part of a ClientHello has arrived.
        case clientHello
        case handshake
        /// Requests are served.
        case open
        /// All is said; what still arrives is thrown away so that the client can read the last answer.
        case lingering
        case closed
    }

    let worker: RouterWorker
    let descriptor: Int32
    /// The client's address: that of the connection's other end, or the one that a proxy's header tells of.
    var remote: SocketAddress
    /// The client's address without port, as it goes into X-Forwarded-For.
    var remoteHost: [UInt8]
    /// Where the client connected to, as a proxy's header tells it.
    var serverAddress: ProxyHeader.Address?
    /// The position of the listener in the router's addresses.
    let listener: Int
    /// Where requests without TLS are counted, once there was one.
    var plaintextCounter: Counter?
    let acceptedAt: UInt64
    var token = HandlerToken.none
    var phase = Phase.clientHello
    var session: TLSSession?
    var identity: ConnectionIdentity
    /// Which process of this host is at the other end, where that is what counts; `nil` on a reverse proxy.
    var origin: LocalOrigin?
    /// Where the connection is counted as one of a user of this host.
    var callerPlace: CallerPlace?
    /// What every access log line of this connection begins with.
    var logFragment = ConnectionLogFragment()
    /// Before the handshake ciphertext, later plaintext, that has arrived and is not used up.
    var inbound: ByteQueue?
    /// When the first and the last byte of what is in ``inbound`` arrived.
    var inboundSince: UInt64 = 0
    var inboundUntil: UInt64 = 0
    var boundary = HeadBoundary()
    /// What was written, as it goes over the wire, and was not sent.
    var unsent = Unsent.nothing
    var exchange: Exchange?
    /// The streams of a connection of HTTP/2, which has no ``exchange`` of its own.
    var http2: ClientMultiplexer?
    var requestCount = 0
    /// There may be bytes to read; cleared by a read that comes up short.
    var isReadable = false
    /// The peer has ended its direction, on TCP or with close_notify.
    var hasPeerEnded = false
    var sawHangUp = false
    /// The peer has ended its direction by what counts as its word: with close_notify.
    var hasEndedInOrder = false
    /// Guards against starting to process plaintext while it is being processed.
    var isProcessing = false
    /// Nothing more is served: once what is written has been sent, the connection ends.
    var closesWhenFlushed = false
    /// The edition of the revoked certificates under which ``identity`` was found not to be among them.
    var checkedGeneration: UInt64 = 0
    /// The edition of the worker's snapshot that ``identity``'s domain was found in.
    var checkedEdition: UInt64 = 0
    var peerGroup: PeerGroup<ClientConnection>?
    var positionInPeerGroup = 0
    /// When the connection ends however busy it is; once it is ``isRetiring``, when what is in flight is cut.
    var endsAt = UInt64.max
    /// It is the certificates' end that ``endsAt`` stands for, and not the connection's age.
    var endsWithCertificate = false
    /// From when on responses announce the end.
    var announcesEndAt = UInt64.max
    /// The connection has come to its end and only finishes what is in flight.
    var isRetiring = false
    /// When the client must have taken its next step, and the next kilobyte, in nanoseconds of the loop; `.max` for never.
    var requestDeadline = UInt64.max
    var writeDeadline = UInt64.max
    /// Bytes that the client must still take before its time to read starts again.
    var untilWriteProgress = 0
    /// Since when no request has been in progress.
    var idleSince: UInt64 = 0
    /// When bytes are no longer thrown away and the connection is closed.
    var lingerEnd: UInt64 = 0

    /// Whether what arrives may become a request.
    var isServing: Bool { phase == .open && !closesWhenFlushed }

    /// Whether the client waits for a response, or for the rest of one.
    var isBusy: Bool {
        exchange != nil || http2?.isBusy ?? false || phase == .open && unsent.isHeld
    }

    init(worker: RouterWorker, descriptor: Int32, remote: SocketAddress, listener: Int) {
        self.worker = worker
        self.descriptor = descriptor
        self.remote = remote
        self.listener = listener
        self.remoteHost = Array(remote.host.utf8)
        self.acceptedAt = worker.loop.now
        self.identity = worker.identities.unknown
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.hangUp) { sawHangUp = true }
        if readiness.contains(.broken), !takesLastBytes() {
            // In lingering, both sides having ended is the good end; a reset would take the last answer back.
            if phase == .lingering { finishClosing() } else { cut("client_gone", status: Self.clientGone) }
            return
        }
        if readiness.contains(.writable) { flushHeld() }
        if readiness.contains(.readable) {
            isReadable = true
            readMore()
        }
    }

    func deadlinePassed() {
        switch phase {
        case .identifying: identificationTimedOut()
        case .proxyHeader, .clientHello, .handshake:
            handshakeFailed(.timeout)
            abort()
        case .open: openDeadlinePassed()
        case .lingering: finishClosing()
        case .closed: break
        }
    }

    /// Reads while there is something to read and somebody to give it to, for at most a few rounds in one turn.
    func readMore() {
        var rounds = 0
        while isReadable, wantsToRead {
            guard rounds < Self.roundsPerTurn else {
                worker.loop.readAgain(token)
                return
            }
            rounds += 1
            switch unsafe Socket.read(descriptor, into: worker.cipherIn) {
            case .bytes(let count):
                // Registration is edge-triggered: a short read has emptied the socket, unless an end follows it.
                if unsafe count < worker.cipherIn.count, !sawHangUp { isReadable = false }
                unsafe receive(UnsafeRawBufferPointer(rebasing: worker.cipherIn[0..<count]))
            case .wouldBlock:
                isReadable = false
            case .endOfStream:
                isReadable = false
                streamEnded()
            case .failed:
                cut("client_gone", status: Self.clientGone)
            }
        }
    }

    private var wantsToRead: Bool {
        switch phase {
        case .proxyHeader, .clientHello, .handshake, .lingering: true
        case .open: wantsRequestBytes
        case .identifying, .closed: false
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        switch phase {
        case .proxyHeader: unsafe receiveProxyHeader(bytes)
        case .clientHello: unsafe receiveClientHello(bytes)
        case .handshake:
            unsafe session?.feed(bytes)
            continueHandshake()
        case .open:
            guard let session else {
                unsafe receivePlain(bytes)
                return
            }
            unsafe session.feed(bytes)
            readPlaintext()
        case .lingering: discarded()
        case .identifying, .closed: break
        }
    }

    private func streamEnded() {
        hasPeerEnded = true
        switch phase {
        case .proxyHeader, .clientHello, .handshake:
            worker.handshakeAbandoned(self)
            abort()
        case .open:
            // Without TLS there is no other word for it.
            if session == nil { hasEndedInOrder = true }
            settleEndOfStream()
        case .lingering: finishClosing()
        case .identifying, .closed: break
        }
    }

    private static let roundsPerTurn = 4
}
