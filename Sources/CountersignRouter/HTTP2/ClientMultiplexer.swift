import CountersignHTTP1
import CountersignHTTP2
import CountersignTelemetry
import CountersignTransport

/// What makes a client's connection one of HTTP/2: its streams, each of which is an exchange of its own.
///
/// Facets: `+Events` (what the client sent), `+Sending` (fairness between streams), `+Ending`.
final class ClientMultiplexer {
    /// What the connection waits for, which decides its clock.
    enum Waiting {
        /// For the next request.
        case idle
        /// For the rest of a frame or a header block.
        case partial
        /// For nothing: streams are open.
        case busy
    }

    /// Refers back to this until it is closed.
    let client: ClientConnection
    let worker: RouterWorker
    var connection: HTTP2Connection
    /// By the slot of the connection's streams.
    var streams: [ClientStream?] = []
    /// The slot that is served first next time.
    var turn = 0
    var waiting = Waiting.idle
    /// What the client sent is being read: what is written goes out with the rest of it.
    var isReceiving = false
    /// Content that windows did not let through is being sent.
    var isSendingPending = false
    /// What was written in this turn of the loop and had to leave the worker's workspace to another connection.
    private var unsent: ByteQueue?
    /// It will be flushed when the turn ends.
    private var isDue = false

    init(_ client: ClientConnection) {
        self.client = client
        self.worker = client.worker
        self.connection = HTTP2Connection(.server, limits: worker.snapshot.limits.effectiveHTTP2)
        prepare()
        connection.start(worker.http2Workspace)
        flush()
    }

    /// Whether any stream is open, or what was said is still on its way.
    var isBusy: Bool { connection.streamCount > 0 }

    /// Takes what the client sent; what cannot be used yet is kept.
    func receive(_ plain: ByteQueue) {
        guard let held = client.inbound else {
            process(plain)
            guard !plain.isEmpty, client.isServing else {
                plain.removeAll()
                return
            }
            let queue = worker.takeQueue()
            unsafe queue.append(plain.readable)
            plain.removeAll()
            client.inbound = queue
            settleClock()
            return
        }
        // The queue is this call's own while it is read: what happens may end the connection.
        client.inbound = nil
        if plain !== held {
            unsafe held.append(plain.readable)
            plain.removeAll()
        }
        process(held)
        guard !held.isEmpty, client.isServing else {
            worker.giveBack(held)
            settleClock()
            return
        }
        client.inbound = held
        settleClock()
    }

    private func process(_ bytes: ByteQueue) {
        connection.now = worker.loop.now
        isReceiving = true
        var offset = 0
        while client.isServing {
            prepare()
            let event = unsafe connection.next(
                Span<UInt8>(_unsafeBytes: bytes.readable),
                from: &offset,
                worker.http2Workspace
            )
            guard event != .needMore else { break }
            handle(event, bytes)
        }
        bytes.consume(offset)
        isReceiving = false
        flush()
        settleClock()
        closeIfDrained()
    }

    /// Makes the worker's workspace this connection's: another one takes along what it has written.
    func prepare() {
        if let owner = worker.http2Owner, owner !== self { owner.giveWay() }
        worker.http2Owner = self
    }

    /// Sends what was written when the turn ends, or now where that is much already; nothing while more is about to be.
    func flushSoon() {
        guard !isReceiving else { return }
        if worker.http2Workspace.output.count >= Self.muchOutput { flush() } else { fallDue() }
    }

    /// The turn of the loop has ended.
    func turnEnded() {
        isDue = false
        flush()
    }

    /// Sends what was written.
    func flush() {
        if let queue = unsent {
            takeOutput(queue)
            unsent = nil
            unsafe client.send(queue.readable)
            worker.giveBack(queue)
            return
        }
        guard worker.http2Owner === self else { return }
        worker.http2Owner = nil
        guard !worker.http2Workspace.output.isEmpty else { return }
        // Sending may end the connection and with it streams, so nothing holds on to the workspace meanwhile.
        var bytes: [UInt8] = []
        swap(&bytes, &worker.http2Workspace.output)
        unsafe bytes.withUnsafeBytes { unsafe client.send($0) }
        guard worker.http2Workspace.output.isEmpty else { return }
        bytes.removeAll(keepingCapacity: true)
        swap(&bytes, &worker.http2Workspace.output)
    }

    /// Leaves the workspace to another connection; what was written waits for the end of the turn, unless it is much.
    private func giveWay() {
        guard !worker.http2Workspace.output.isEmpty else { return }
        let queue = unsent ?? worker.takeQueue()
        takeOutput(queue)
        unsent = queue
        if queue.count >= Self.muchOutput, !isReceiving { flush() } else { fallDue() }
    }

    /// Moves what the workspace holds of this connection behind what left it before.
    private func takeOutput(_ queue: ByteQueue) {
        guard worker.http2Owner === self else { return }
        worker.http2Owner = nil
        queue.append(worker.http2Workspace.output)
        worker.http2Workspace.output.removeAll(keepingCapacity: true)
    }

    private func fallDue() {
        guard !isDue else { return }
        isDue = true
        worker.turnFlush.add(self)
    }

    /// Sets the clock that runs for what the client owes; it runs on while that stays the same.
    func settleClock() {
        guard client.phase == .open, !client.closesWhenFlushed else { return }
        let next: Waiting =
            if connection.isInsideHeaderBlock || !(client.inbound?.isEmpty ?? true) { .partial } else {
                connection.streamCount > 0 ? .busy : .idle
            }
        guard next != waiting else { return }
        waiting = next
        switch next {
        case .idle:
            client.idleSince = worker.loop.now
            client.setRequestDeadline(worker.timeouts.keepAlive)
        case .partial: client.setRequestDeadline(worker.timeouts.requestHead)
        case .busy: client.clearRequestDeadline()
        }
    }

    /// From how many bytes on nothing waits for the end of a turn: a few records' content.
    private static let muchOutput = 64 * 1024
}

extension RouterLimits {
    /// The bounds of HTTP/2, with those of a head that count for both versions.
    var effectiveHTTP2: HTTP2Limits {
        var limits = http2
        limits.maxHeaderListSize = head.maxHeadBytes
        // What is a little too large is read and answered.
        limits.maxHeaderBlockSize = head.maxHeadBytes * 2
        limits.maxFields = head.maxHeaderCount + HTTP2Limits.pseudoFields
        return limits
    }
}
