import CountersignHTTP1
import CountersignPolicy
import CountersignTelemetry
import CountersignTransport

/// One connection to an endpoint: idle in its pool, or carrying one exchange.
final class UpstreamConnection: ReadinessHandler {
    enum State {
        case connecting
        case active
        case idle
        case closed
    }

    let worker: RouterWorker
    /// Kept alive by its connections: a reload may drop the pool while they still carry requests.
    let pool: UpstreamPool
    private let descriptor: Int32
    private var token = HandlerToken.none
    private(set) var state = State.connecting
    private var exchange: Exchange?
    /// Request bytes that the socket did not take.
    private var outbound: ByteQueue?
    /// Response bytes that arrived and could not be used yet.
    private var partial: ByteQueue?
    private var boundary = HeadBoundary()
    private var requestCount = 0
    private var isReadable = false
    private var sawHangUp = false
    /// Nothing of the current exchange's response has been read.
    private(set) var hasReadNothing = true
    /// More came than the response that was asked for.
    private var hasSurplus = false
    /// The last response allows another request on this connection.
    var keepsAlive = false

    /// Starts to connect; `nil` when that fails at once.
    init?(worker: RouterWorker, pool: UpstreamPool) {
        guard let descriptor = try? Socket.connect(to: pool.address) else { return nil }
        self.worker = worker
        self.pool = pool
        self.descriptor = descriptor
        guard let token = worker.loop.add(descriptor, self) else {
            Socket.close(descriptor)
            return nil
        }
        self.token = token
        worker.metrics.upstreamConnections.add(.connecting, 1, shard: worker.loop.index)
    }

    /// Whether the connection had carried a request before the current one.
    var wasReused: Bool { requestCount > 1 }

    /// Whether request bytes are taken now; while they are not, the client is not read.
    var takesMore: Bool { state == .active && outbound == nil }

    /// Whether the connection can carry a new exchange.
    var isUsable: Bool { state == .idle && !sawHangUp }

    /// Takes over an exchange and sends what there is of its request.
    ///
    /// - Parameter permit: the proof that policy lets this request through.
    func start(_ exchange: Exchange, _ permit: Permit, _ bytes: ByteQueue) {
        self.exchange = exchange
        requestCount += 1
        hasReadNothing = true
        hasSurplus = false
        keepsAlive = false
        boundary.reset()
        if state == .idle { become(.active) }
        if state == .connecting {
            worker.loop.setDeadline(token, at: worker.loop.now &+ worker.timeouts.connect.nanoseconds)
        } else if exchange.isRequestComplete {
            awaitResponse()
        } else {
            worker.loop.setDeadline(token, at: .max)
        }
        send(bytes)
    }

    /// The request is complete: the backend's time runs.
    func awaitResponse() {
        guard state == .active else { return }
        worker.loop.setDeadline(token, at: worker.loop.now &+ worker.timeouts.response.nanoseconds)
    }

    /// Sends request bytes and empties the queue; what the socket does not take is held.
    func send(_ bytes: ByteQueue) {
        defer { bytes.removeAll() }
        guard state == .active, outbound == nil else {
            hold(bytes)
            return
        }
        switch unsafe Socket.write(descriptor, bytes.readable) {
        case .bytes(let count):
            bytes.consume(count)
            if !bytes.isEmpty { hold(bytes) }
        case .wouldBlock, .endOfStream: hold(bytes)
        case .failed: writeFailed()
        }
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.hangUp) { sawHangUp = true }
        if state == .connecting {
            guard readiness.contains(.writable) || readiness.contains(.broken) else { return }
            connectEnded()
        } else if readiness.contains(.writable) {
            flush()
        }
        if readiness.contains(.readable) {
            isReadable = true
            resumeReading()
        }
    }

    func deadlinePassed() {
        switch state {
        case .connecting: failConnect(timedOut: true)
        case .active: exchange?.upstreamTimedOut()
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
        var rounds = 0
        while isReadable, state == .active, let exchange, exchange.clientTakesMore {
            guard rounds < Self.roundsPerTurn else {
                worker.loop.readAgain(token)
                return
            }
            rounds += 1
            switch unsafe Socket.read(descriptor, into: worker.upstreamIn) {
            case .bytes(let count):
                if unsafe count < worker.upstreamIn.count, !sawHangUp { isReadable = false }
                hasReadNothing = false
                unsafe deliver(UnsafeRawBufferPointer(rebasing: worker.upstreamIn[0..<count]), to: exchange)
            case .wouldBlock: isReadable = false
            case .endOfStream:
                isReadable = false
                exchange.upstreamEnded(isClean: true)
            case .failed:
                isReadable = false
                exchange.upstreamEnded(isClean: false)
            }
        }
        if state == .active, let exchange, !exchange.clientTakesMore { worker.loop.setDeadline(token, at: .max) }
        // An idle connection has nothing to say: an end, or bytes that no request asked for, both end its use.
        if state == .idle, isReadable { close() }
    }

    /// Called by the exchange when it no longer needs the connection.
    ///
    /// Whatever the exchange says, a connection is kept only where exactly one response has come for the request: on any
    /// other, the next caller could be given somebody else's.
    func exchangeFinished(reusable: Bool) {
        exchange = nil
        let isAtBoundary = !hasReadNothing && !hasSurplus && partial == nil && outbound == nil
        if let queue = partial {
            partial = nil
            worker.giveBack(queue)
        }
        guard reusable, isAtBoundary, state == .active, !sawHangUp, pool.keep(self) else {
            close()
            return
        }
        become(.idle)
        worker.loop.setDeadline(token, at: worker.loop.now &+ worker.timeouts.upstreamKeepAlive.nanoseconds)
    }

    func close() {
        guard state != .closed else { return }
        if state == .idle { pool.forget(self) }
        become(.closed)
        worker.loop.remove(token)
        Socket.close(descriptor)
        if let queue = outbound {
            outbound = nil
            worker.giveBack(queue)
        }
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer, to exchange: Exchange) {
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

    private func connectEnded() {
        guard Socket.pendingError(of: descriptor) == 0 else {
            failConnect(timedOut: false)
            return
        }
        become(.active)
        if exchange?.isRequestComplete ?? false { awaitResponse() } else { worker.loop.setDeadline(token, at: .max) }
        flush()
    }

    private func failConnect(timedOut: Bool) {
        let exchange = self.exchange
        let bytes = outbound ?? worker.takeQueue()
        self.exchange = nil
        outbound = nil
        close()
        exchange?.connectFailed(bytes, timedOut: timedOut)
        worker.giveBack(bytes)
    }

    private func hold(_ bytes: ByteQueue) {
        let queue = outbound ?? worker.takeQueue()
        unsafe queue.append(bytes.readable)
        outbound = queue
        if state == .active { stalled() }
    }

    private func flush() {
        guard let queue = outbound, state == .active else { return }
        while !queue.isEmpty {
            switch unsafe Socket.write(descriptor, queue.readable) {
            case .bytes(let count): queue.consume(count)
            case .wouldBlock, .endOfStream:
                stalled()
                return
            case .failed:
                writeFailed()
                return
            }
        }
        outbound = nil
        worker.giveBack(queue)
        if exchange?.isRequestComplete ?? false { awaitResponse() } else { worker.loop.setDeadline(token, at: .max) }
        exchange?.upstreamCanTakeMore()
    }

    /// The backend does not read: its time runs, and the client's does not.
    private func stalled() {
        worker.loop.setDeadline(token, at: worker.loop.now &+ worker.timeouts.response.nanoseconds)
        exchange?.clearClientDeadline()
    }

    /// The backend takes no more; its answer may have come before, so it is read before the connection is given up.
    private func writeFailed() {
        isReadable = true
        sawHangUp = true
        if let queue = outbound {
            outbound = nil
            worker.giveBack(queue)
        }
        worker.loop.readAgain(token)
    }

    private func become(_ next: State) {
        let shard = worker.loop.index
        if let label = state.label { worker.metrics.upstreamConnections.add(label, -1, shard: shard) }
        if let label = next.label { worker.metrics.upstreamConnections.add(label, 1, shard: shard) }
        state = next
    }

    private static let roundsPerTurn = 4
}
