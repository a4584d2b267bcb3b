import CountersignHTTP1
import CountersignHTTP2
import CountersignTelemetry
import CountersignTransport

/// The client's side of one stream: takes its exchange's response apart into frames, and holds what has to wait.
///
/// Objects are used again, each with a timer of its own, so that a request in a steady state allocates nothing. Facet:
/// `+Response`.
final class ClientStream: ReadinessHandler {
    let worker: RouterWorker
    private var token = HandlerToken.none
    /// nil while no stream has the object.
    var multiplexer: ClientMultiplexer?
    private(set) var stream = HTTP2Stream.none
    var exchange: Exchange?
    /// The client has sent its whole request.
    private(set) var hasRequestEnded = false
    /// Request content that the backend does not take yet; it counts against the client's windows.
    private var content: ByteQueue?
    /// Response content that the client's windows do not let through, and whether the response ends behind it.
    var pending: ByteQueue?
    var endsBehindPending = false
    /// The trailer section that ends the response; empty for none.
    let trailers = ByteQueue()
    /// The response has been ended, or will be behind what is pending.
    var hasEnded = false
    private var requestDeadline = UInt64.max
    private var stallDeadline = UInt64.max
    /// Bytes that the client must still take before its time to read starts again.
    private var untilProgress = 0

    init(worker: RouterWorker) {
        self.worker = worker
        token = worker.loop.addTimer(self)
    }

    /// Takes over a stream.
    func begin(_ multiplexer: ClientMultiplexer, _ stream: HTTP2Stream, isRequestEnd: Bool) {
        self.multiplexer = multiplexer
        self.stream = stream
        hasRequestEnded = isRequestEnd
        hasEnded = false
        endsBehindPending = false
    }

    var hasPending: Bool { pending != nil }

    // The request

    /// Takes request content; what the backend does not take yet waits, and is not given back to the window.
    func receive(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) {
        if isEnd { hasRequestEnded = true }
        guard let exchange, !exchange.isRequestComplete else {
            giveBack(bytes.count, on: multiplexer)
            return
        }
        if content == nil, exchange.wantsRequestBody {
            let connection = multiplexer
            unsafe exchange.consumeContent(bytes, isEnd: isEnd)
            giveBack(bytes.count, on: connection)
            return
        }
        let queue = content ?? worker.takeQueue()
        unsafe queue.append(bytes)
        content = queue
    }

    /// Takes the request's trailer section, which ends it.
    func receiveTrailers() {
        hasRequestEnded = true
        guard let exchange, !exchange.isRequestComplete else { return }
        exchange.keepTrailers(worker.http2Workspace.message, in: exchange.requestTrailers)
        if content == nil, exchange.wantsRequestBody {
            unsafe exchange.consumeContent(UnsafeRawBufferPointer(start: nil, count: 0), isEnd: true)
        } else if content == nil {
            content = worker.takeQueue()
        }
    }

    /// The backend takes more: passes on what waited.
    func resume() {
        guard let exchange, exchange.wantsRequestBody, let queue = content else { return }
        content = nil
        let count = queue.count
        let connection = multiplexer
        unsafe exchange.consumeContent(queue.readable, isEnd: hasRequestEnded)
        worker.giveBack(queue)
        giveBack(count, on: connection)
    }

    /// Opens the windows again by what was used; that of the connection also when the stream has ended over it.
    private func giveBack(_ count: Int, on former: ClientMultiplexer?) {
        guard let former, count > 0 else { return }
        former.prepare()
        if multiplexer === former {
            former.connection.consumed(stream, count, worker.http2Workspace)
        } else {
            former.connection.giveBack(count, worker.http2Workspace)
        }
        former.flushSoon()
    }

    // Clocks

    func setRequestDeadline(_ timeout: Duration) {
        requestDeadline = worker.loop.now &+ timeout.nanoseconds
        arm()
    }

    func clearRequestDeadline() {
        guard requestDeadline != .max else { return }
        requestDeadline = .max
        arm()
    }

    /// Content waits for the client's window: it has as long for each kilobyte as a slow sender has.
    func startStallClock() {
        untilProgress = Exchange.progressBytes
        stallDeadline = worker.loop.now &+ worker.timeouts.bodyIdle.nanoseconds
        arm()
    }

    func stopStallClock() {
        guard stallDeadline != .max else { return }
        stallDeadline = .max
        arm()
    }

    func progressed(_ count: Int) {
        untilProgress -= count
        if untilProgress <= 0 { startStallClock() }
    }

    private func arm() {
        worker.loop.setDeadline(token, at: min(requestDeadline, stallDeadline))
    }

    func ready(_ readiness: Readiness) {}

    func deadlinePassed() {
        guard multiplexer != nil else { return }
        if worker.loop.now >= stallDeadline {
            cut("client_stalled", status: 0)
        } else if worker.loop.now >= requestDeadline {
            requestDeadline = .max
            exchange?.clientTimedOut()
        } else {
            arm()
        }
    }

    // The end

    /// The exchange has ended with a complete response.
    func exchangeFinished() {
        exchange = nil
        clearRequestDeadline()
        releaseContent()
        if pending == nil { finish() }
    }

    /// Everything is sent: a request that goes on is not wanted any more (RFC 9113 section 8.1).
    func finish() {
        guard let multiplexer, exchange == nil else { return }
        multiplexer.prepare()
        multiplexer.connection.reset(stream, .noError, worker.http2Workspace)
        multiplexer.flushSoon()
        detach()
        multiplexer.release(self)
    }

    /// Ends the stream without a complete response: the client sees that it was cut.
    func cut(_ label: StaticString, status: Int) {
        guard let multiplexer else { return }
        multiplexer.prepare()
        multiplexer.connection.reset(stream, .internalError, worker.http2Workspace)
        multiplexer.flushSoon()
        let unfinished = exchange
        exchange = nil
        detach()
        unfinished?.connectionCut(label, status: status)
        multiplexer.release(self)
    }

    /// The whole connection is gone.
    func connectionCut(_ label: StaticString, status: Int) {
        guard multiplexer != nil else { return }
        let unfinished = exchange
        exchange = nil
        // Nobody is left to be given windows.
        multiplexer = nil
        detach()
        unfinished?.connectionCut(label, status: status)
        worker.giveBack(self)
    }

    private func detach() {
        releaseContent()
        multiplexer = nil
        if let queue = pending {
            pending = nil
            worker.giveBack(queue)
        }
        trailers.removeAll()
        requestDeadline = .max
        stallDeadline = .max
        arm()
    }

    /// What waited is not wanted any more; the window of the connection gets it back.
    private func releaseContent() {
        guard let queue = content else { return }
        content = nil
        let count = queue.count
        worker.giveBack(queue)
        giveBack(count, on: multiplexer)
    }

    deinit {
        worker.loop.remove(token)
    }
}
