import CountersignHTTP1
import CountersignHTTP2
import CountersignTelemetry
import CountersignTransport

/// One exchange's stream on a shared connection to an endpoint.
///
/// Objects are used again, each with a timer of its own. Facet: `+Request`.
final class UpstreamStream: ReadinessHandler {
    let worker: RouterWorker
    private var token = HandlerToken.none
    /// nil while no exchange has the object.
    private(set) var multiplexer: UpstreamMultiplexer?
    private(set) var stream = HTTP2Stream.none
    private(set) var exchange: Exchange?
    /// The request's head as HTTP/1.1 has it, until the stream is open.
    var head: ByteQueue?
    /// Request content that windows do not let through, and whether the request ends behind it.
    var pending: ByteQueue?
    var endsBehindPending = false
    /// Response content that the client does not take yet; it counts against the endpoint's windows.
    private var content: ByteQueue?
    /// The endpoint has sent its whole response.
    private(set) var hasResponseEnded = false
    /// Nothing of the response has come.
    private(set) var hasReadNothing = true
    /// The connection had carried a request before.
    private(set) var isReused = false

    init(worker: RouterWorker) {
        self.worker = worker
        token = worker.loop.addTimer(self)
    }

    /// Takes over an exchange, with the head of its request.
    func begin(_ multiplexer: UpstreamMultiplexer, _ exchange: Exchange, _ bytes: ByteQueue, isReused: Bool) {
        self.multiplexer = multiplexer
        self.exchange = exchange
        self.isReused = isReused
        stream = .none
        hasResponseEnded = false
        hasReadNothing = true
        endsBehindPending = false
        let queue = worker.takeQueue()
        unsafe queue.append(bytes.readable)
        bytes.removeAll()
        head = queue
    }

    /// The stream is open.
    func open(_ stream: HTTP2Stream) {
        self.stream = stream
        sendHead()
        guard let exchange else { return }
        if exchange.isRequestComplete { awaitResponse() } else { exchange.upstreamCanTakeMore() }
    }

    // The response

    func receiveHead(isEnd: Bool) {
        if isEnd { hasResponseEnded = true }
        hasReadNothing = false
        guard let exchange, exchange.responsePhase == .awaited else { return }
        let message = worker.http2UpstreamWorkspace.message
        _ = unsafe message.withUnsafeBytes { unsafe exchange.receiveResponse($0) }
        received(exchange)
    }

    /// Takes response content; what the client does not take yet waits, and is not given back to the window.
    func receive(_ bytes: UnsafeRawBufferPointer, isEnd: Bool) {
        if isEnd { hasResponseEnded = true }
        guard let exchange else {
            giveBack(bytes.count, on: multiplexer)
            return
        }
        guard content == nil, exchange.clientTakesMore else {
            let queue = content ?? worker.takeQueue()
            unsafe queue.append(bytes)
            content = queue
            clearDeadline()
            return
        }
        let connection = multiplexer
        if bytes.count > 0 { _ = unsafe exchange.receiveResponse(bytes) }
        giveBack(bytes.count, on: connection)
        received(exchange)
    }

    func receiveTrailers() {
        hasResponseEnded = true
        guard let exchange else { return }
        exchange.keepTrailers(worker.http2UpstreamWorkspace.message, in: exchange.responseTrailers)
        if content == nil { received(exchange) }
    }

    /// The client takes bytes again: passes on what waited.
    func clientCanTakeMore() {
        guard let exchange else { return }
        if let queue = content {
            content = nil
            let count = queue.count
            let connection = multiplexer
            if count > 0 { _ = unsafe exchange.receiveResponse(queue.readable) }
            worker.giveBack(queue)
            giveBack(count, on: connection)
        }
        received(exchange)
    }

    /// Ends the exchange when its response is complete; else the endpoint's time runs anew.
    private func received(_ exchange: Exchange) {
        guard self.exchange === exchange else { return }
        if hasResponseEnded, !exchange.isFinished, exchange.responsePhase == .body {
            // That hands over by itself: the exchange may be another's when it comes back.
            exchange.upstreamEnded(isClean: true)
        } else if exchange.isFinished {
            exchange.handOver()
        } else if exchange.responsePhase == .body, exchange.isRequestComplete {
            awaitResponse()
        }
    }

    /// Opens the windows again by what was used; that of the connection also when the stream has ended over it.
    private func giveBack(_ count: Int, on former: UpstreamMultiplexer?) {
        guard let former, count > 0 else { return }
        former.prepare()
        if multiplexer === former {
            former.connection.consumed(stream, count, worker.http2UpstreamWorkspace)
        } else {
            former.connection.giveBack(count, worker.http2UpstreamWorkspace)
        }
        former.flushUnlessReceiving()
    }

    // The clock

    /// The request is complete, or content came: the endpoint's time runs.
    func awaitResponse() {
        guard stream != .none else { return }
        worker.loop.setDeadline(token, at: worker.loop.now &+ worker.timeouts.response.nanoseconds)
    }

    func clearDeadline() {
        worker.loop.setDeadline(token, at: .max)
    }

    func ready(_ readiness: Readiness) {}

    func deadlinePassed() {
        // An endpoint that has answered in full owes nothing, even where it takes no more of the request.
        guard !hasResponseEnded else { return }
        exchange?.upstreamTimedOut()
    }

    // The end

    /// Called by the exchange when it no longer needs the stream; one that is not over is reset.
    func exchangeFinished() {
        guard let multiplexer else {
            if exchange != nil { finishAlone() }
            return
        }
        // A connection that was to tell of this client alone is of no use to others.
        let isOwn = multiplexer.upstream.exchange != nil && multiplexer.upstream.exchange === exchange
        if isOwn { multiplexer.upstream.exchange = nil }
        defer { if isOwn { multiplexer.upstream.close() } }
        if stream != .none {
            multiplexer.prepare()
            multiplexer.connection.reset(stream, .cancel, worker.http2UpstreamWorkspace)
            multiplexer.flushUnlessReceiving()
        }
        releaseContent()
        detach()
        multiplexer.release(self)
    }

    /// The endpoint has reset the stream.
    func wasReset(_ code: HTTP2ErrorCode) {
        guard !outlives(), let exchange = leave() else { return }
        if code == .refusedStream { exchange.upstreamDidNotLook() } else { exchange.upstreamEnded(isClean: false) }
    }

    /// The endpoint goes away without having looked at the request.
    func wasNotLookedAt() {
        leave()?.upstreamDidNotLook()
    }

    /// The response breaks the protocol.
    func broke() {
        leave()?.upstreamMalformed()
    }

    /// The connection is gone.
    func connectionEnded() {
        guard !outlives() else { return }
        leave()?.upstreamEnded(isClean: false)
    }

    func lost(_ label: StaticString, _ failure: UpstreamFailure) {
        leave()?.upstreamLost(label, failure)
    }

    func timedOut() {
        guard !outlives() else { return }
        leave()?.upstreamTimedOut()
    }

    /// Nothing of the request was sent: it goes to another endpoint as it is.
    func notSent(_ failure: UpstreamFailure) {
        let (exchange, bytes) = giveUp()
        exchange?.connectFailed(bytes, failure)
        worker.giveBack(bytes)
    }

    /// Lets go of an exchange of which nothing was sent.
    func giveUp() -> (exchange: Exchange?, bytes: ByteQueue) {
        let exchange = self.exchange
        let bytes = head ?? worker.takeQueue()
        head = nil
        exchange?.upstreamStream = nil
        detach()
        worker.giveBack(self)
        return (exchange, bytes)
    }

    /// Lets go of the connection when the endpoint has sent its whole response: nothing that it does after that takes away
    /// what waits here for the client (RFC 9113 section 8.1).
    ///
    /// - Returns: whether the response is whole.
    private func outlives() -> Bool {
        guard hasResponseEnded, exchange != nil, let multiplexer else { return false }
        self.multiplexer = nil
        clearDeadline()
        releaseRequest()
        giveBack(content?.count ?? 0, on: multiplexer)
        multiplexer.forget(self)
        stream = .none
        return true
    }

    /// Ends a stream that has outlived its connection.
    private func finishAlone() {
        releaseContent()
        detach()
        worker.giveBack(self)
    }

    /// Lets go of the exchange, which still knows of the stream whether it may be sent again.
    private func leave() -> Exchange? {
        guard let exchange else { return nil }
        exchange.lostStream = LostStream(hasReadNothing: hasReadNothing, wasReused: isReused)
        exchange.upstreamStream = nil
        let multiplexer = self.multiplexer
        releaseContent()
        detach()
        multiplexer?.release(self)
        return exchange
    }

    private func detach() {
        multiplexer = nil
        exchange = nil
        clearDeadline()
        releaseRequest()
    }

    private func releaseRequest() {
        if let queue = head {
            head = nil
            worker.giveBack(queue)
        }
        if let queue = pending {
            pending = nil
            worker.giveBack(queue)
        }
    }

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
