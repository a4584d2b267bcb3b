import CountersignHTTP1
import CountersignPolicy
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

/// One connection to an endpoint: idle in its pool, or carrying one exchange.
///
/// Requests are sent by its ``link`` alone, and there is none before the endpoint, where that is asked of it, has proven who
/// it is: until then they wait in ``pending``. Facets: `+Sending`, `+Handshake` (opening), `+Records` (encrypted bytes),
/// `+Lifetime` (the end with its certificates, revocation).
final class UpstreamConnection: ReadinessHandler, IndexedConnection {
    enum State {
        case connecting
        case handshaking
        case active
        case idle
        case closed
    }

    let worker: RouterWorker
    /// Kept alive by its connections: a reload may drop the pool while they still carry requests.
    let pool: UpstreamPool
    let descriptor: Int32
    var token = HandlerToken.none
    private(set) var state = State.connecting
    var link = UpstreamLink.none
    var handshake: UpstreamHandshake?
    var exchange: Exchange?
    /// The streams of a connection of HTTP/2, which has no ``exchange`` of its own.
    var http2: UpstreamMultiplexer?
    /// What there is of the request while there is no ``link``.
    var pending: ByteQueue?
    /// What was written, as it goes over the wire, and was not sent.
    var unsent = Unsent.nothing
    /// Response bytes that arrived and could not be used yet.
    private var partial: ByteQueue?
    private var boundary = HeadBoundary()
    private var requestCount = 0
    var isReadable = false
    /// The endpoint has ended its direction, on TCP or with close_notify, or the connection failed.
    var sawHangUp = false
    /// Nothing of the current exchange's response has been read.
    var hasReadNothing = true
    /// More came than the response that was asked for.
    private var hasSurplus = false
    /// The last response allows another request on this connection.
    var keepsAlive = false
    /// In a handshake, the endpoint has begun to speak TLS.
    var hasAnswered = false
    /// When the connection was begun, in nanoseconds of the loop.
    let openedAt: UInt64
    /// The edition of the router's identity that the connection was opened under.
    var edition: UInt64 = 0
    /// When the endpoint must have taken its next step, and when the connection ends however busy it is, in nanoseconds of
    /// the loop; `.max` for never.
    private var stepDeadline = UInt64.max
    var endsAt = UInt64.max
    /// The connection has come to its end and only finishes what is in flight.
    var isRetiring = false
    /// The edition of the revoked certificates under which the endpoint's was found not to be among them.
    var checkedGeneration: UInt64 = 0
    var peerGroup: PeerGroup<UpstreamConnection>?
    var positionInPeerGroup = 0
    /// What the connection sends by once it is there, where nothing has to be proven for that.
    let plainLink: PlaintextPermission?
    /// Bytes are passed on either way; an end that neither side has announced is a reset, so that nobody takes it for one.
    var isTunnel = false
    /// It began with a PROXY protocol header, which tells of one client.
    var hasProxyHeader = false

    /// Starts to connect; `nil` when that fails at once.
    ///
    /// - Parameter permission: sends in plain text to an endpoint of which TLS is asked; by default only those of which it
    ///   is not asked are sent plain text.
    init?(worker: RouterWorker, pool: UpstreamPool, inPlainText permission: PlaintextPermission? = nil) {
        guard let descriptor = try? Socket.connect(to: pool.target.address) else { return nil }
        self.worker = worker
        self.pool = pool
        self.descriptor = descriptor
        self.openedAt = worker.loop.now
        self.plainLink = permission ?? PlaintextPermission(for: pool.security)
        guard let token = worker.loop.add(descriptor, self) else {
            Socket.close(descriptor)
            return nil
        }
        self.token = token
        if pool.target.speaksHTTP2 { http2 = UpstreamMultiplexer(self) }
        worker.metrics.upstreamConnections.add(.connecting, 1, shard: worker.loop.index)
    }

    /// Whether the connection had carried a request before the current one.
    var wasReused: Bool { requestCount > 1 }

    /// Whether request bytes are taken now; while they are not, the client is not read.
    var takesMore: Bool { state == .active && !unsent.isHeld }

    /// Whether the connection can carry a new exchange.
    var isUsable: Bool {
        guard state == .idle, !sawHangUp else { return false }
        if case .secure(let upstream) = link { return isCurrent(upstream) }
        return true
    }

    /// Takes over an exchange and sends what there is of its request.
    ///
    /// - Parameter permit: the proof that policy lets this request through.
    func start(_ exchange: Exchange, _ permit: Permit, _ bytes: ByteQueue) {
        if let http2 {
            if state == .idle { become(.active) }
            if state == .connecting, !http2.isBusy { setDeadline(at: exchange.connectDeadline) }
            if exchange.route?.traffic.sendsProxyHeader ?? false { self.exchange = exchange }
            http2.start(exchange, permit, bytes)
            http2.settle()
            return
        }
        self.exchange = exchange
        requestCount += 1
        hasReadNothing = true
        hasSurplus = false
        keepsAlive = false
        boundary.reset()
        if state == .idle { become(.active) }
        if state == .connecting {
            setDeadline(at: exchange.connectDeadline)
        } else if exchange.isRequestComplete {
            awaitResponse()
        } else {
            setDeadline(at: .max)
        }
        if exchange.isRequestComplete { sendSoon(bytes) } else { send(bytes) }
    }

    /// The request is complete: the backend's time runs.
    func awaitResponse() {
        guard state == .active else { return }
        setDeadline(at: worker.loop.now &+ worker.timeouts.response.nanoseconds)
    }

    /// Gives the endpoint until then for its next step; the connection's own end may come before.
    func setDeadline(at deadline: UInt64) {
        stepDeadline = deadline
        worker.loop.setDeadline(token, at: min(deadline, endsAt))
    }

    /// Sets the timer anew after ``endsAt`` was changed.
    func rearm() {
        setDeadline(at: stepDeadline)
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.hangUp) { sawHangUp = true }
        if state == .connecting {
            guard readiness.contains(.writable) || readiness.contains(.broken) else { return }
            connectEnded()
        } else if readiness.contains(.writable) {
            flushHeld()
        }
        if readiness.contains(.readable) {
            isReadable = true
            if state == .handshaking { readHandshake() }
            resumeReading()
        }
    }

    func deadlinePassed() {
        switch state {
        case .connecting, .handshaking: openingTimedOut()
        case .active:
            if worker.loop.now >= endsAt {
                lifetimeEnded()
            } else if let http2 {
                http2.timedOut()
            } else {
                exchange?.upstreamTimedOut()
            }
        case .idle: close()
        case .closed: break
        }
    }

    /// The client takes bytes again: the backend's time goes on.
    func clientCanTakeMore() {
        if exchange?.isRequestComplete ?? false { awaitResponse() }
        resumeReading()
    }

    /// Reads on, while the client takes what is read; while it does not, only the client's own time runs.
    func resumeReading() {
        if let http2 {
            readStreams(http2)
            return
        }
        var rounds = 0
        while isReadable, state == .active, let exchange, exchange.clientTakesMore {
            guard rounds < Self.roundsPerTurn else {
                worker.loop.readAgain(token)
                return
            }
            rounds += 1
            let room = unsafe min(exchange.stream?.readLimit ?? .max, worker.upstreamIn.count)
            switch unsafe Socket.read(
                descriptor,
                into: UnsafeMutableRawBufferPointer(rebasing: worker.upstreamIn[..<room])
            ) {
            case .bytes(let count):
                if count < room, !sawHangUp { isReadable = false }
                unsafe receive(UnsafeRawBufferPointer(rebasing: worker.upstreamIn[0..<count]), for: exchange)
            case .wouldBlock: isReadable = false
            case .endOfStream:
                isReadable = false
                // In TLS an end counts when it was said inside of the session; anybody can make it up outside.
                if case .plain = link {
                    exchange.upstreamEnded(isClean: true)
                } else {
                    exchange.upstreamEnded(isClean: false)
                }
            case .failed:
                isReadable = false
                exchange.upstreamEnded(isClean: false)
            }
        }
        if state == .active, let exchange, !exchange.clientTakesMore { setDeadline(at: .max) }
        // An idle connection has nothing to say: an end, or bytes that no request asked for, both end its use.
        if state == .idle, isReadable { readIdle() }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer, for exchange: Exchange) {
        switch link {
        case .plain:
            hasReadNothing = false
            unsafe deliver(bytes, to: exchange)
        case .secure(let upstream): unsafe decrypt(bytes, upstream, for: exchange)
        case .none: break
        }
    }

    /// Called by the exchange when it no longer needs the connection.
    ///
    /// Whatever the exchange says, a connection is kept only where exactly one response has come for the request: on any
    /// other, the next caller could be given somebody else's.
    func exchangeFinished(reusable: Bool) {
        exchange = nil
        let isAtBoundary = !hasReadNothing && !hasSurplus && partial == nil && unsent.isNothing
        if let queue = partial {
            partial = nil
            worker.giveBack(queue)
        }
        guard reusable, isAtBoundary, state == .active, !sawHangUp, mayBeKept, pool.keep(self) else {
            close()
            return
        }
        become(.idle)
        setDeadline(at: worker.loop.now &+ worker.timeouts.upstreamKeepAlive.nanoseconds)
    }

    func close() {
        guard state != .closed else { return }
        if state == .idle || http2 != nil { pool.forget(self) }
        http2?.releaseInbound()
        flushDue()
        if !isTunnel { sayGoodbye() }
        become(.closed)
        link = .none
        handshake = nil
        worker.loop.remove(token)
        if isTunnel { Socket.abort(descriptor) } else { Socket.close(descriptor) }
        if let queue = unsent.takeAll() { worker.giveBack(queue) }
        if let queue = pending {
            pending = nil
            worker.giveBack(queue)
        }
        worker.upstreamIndex.remove(self)
        http2 = nil
    }

    /// Gives response bytes to the exchange; what it cannot use yet is held.
    func deliver(_ bytes: UnsafeRawBufferPointer, to exchange: Exchange) {
        guard let waiting = partial else {
            let used = unsafe exchange.receiveResponse(bytes)
            if !exchange.isFinished, used < bytes.count {
                let queue = worker.takeQueue()
                unsafe queue.append(UnsafeRawBufferPointer(rebasing: bytes[used...]))
                partial = queue
            }
            received(exchange, surplus: bytes.count - used)
            return
        }
        unsafe waiting.append(bytes)
        if exchange.responsePhase == .awaited {
            let whole = unsafe Span<UInt8>(_unsafeBytes: waiting.readable)
            if case .incomplete = boundary.advance(whole, limits: worker.snapshot.limits.head) { return }
            boundary.reset()
        }
        // The queue is this call's own while the exchange reads from it: finishing may hand queues back.
        partial = nil
        let used = unsafe exchange.receiveResponse(waiting.readable)
        waiting.consume(used)
        let surplus = waiting.count
        if !exchange.isFinished, surplus > 0 { partial = waiting } else { worker.giveBack(waiting) }
        received(exchange, surplus: surplus)
    }

    /// Ends the exchange when its response is complete; bytes behind that belong to no request.
    ///
    /// Between two reads of the content the backend's time begins anew. Until then it runs from the end of the request:
    /// neither interim responses nor a head that comes bit by bit put it off.
    private func received(_ exchange: Exchange, surplus: Int) {
        guard exchange.isFinished else {
            if exchange.responsePhase == .body, exchange.isRequestComplete { awaitResponse() }
            return
        }
        if surplus > 0 { hasSurplus = true }
        exchange.handOver()
    }

    func become(_ next: State) {
        let shard = worker.loop.index
        if let label = state.label { worker.metrics.upstreamConnections.add(label, -1, shard: shard) }
        if let label = next.label { worker.metrics.upstreamConnections.add(label, 1, shard: shard) }
        state = next
    }

    private static let roundsPerTurn = 4
}
