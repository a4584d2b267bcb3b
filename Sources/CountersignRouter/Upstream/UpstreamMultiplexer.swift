import CountersignHTTP1
import CountersignHTTP2
import CountersignPolicy
import CountersignTelemetry
import CountersignTransport

/// What makes a connection to an endpoint one of HTTP/2: its streams, each of which carries an exchange.
///
/// Facets: `+Events` (what the endpoint sent), `+Ending`.
final class UpstreamMultiplexer {
    /// Refers back to this until it is closed.
    let upstream: UpstreamConnection
    let worker: RouterWorker
    var connection: HTTP2Connection
    /// By the slot of the connection's streams.
    var streams: [UpstreamStream?] = []
    /// Exchanges that wait for the connection to be open, or for the endpoint to take more streams.
    var waiting: [UpstreamStream] = []
    /// Whether requests may be sent: the endpoint is connected to and verified.
    private(set) var isOpen = false
    /// What the endpoint sent is being read: what is written goes out with the rest of it.
    var isReceiving = false
    /// What has arrived and is not used up.
    private var inbound: ByteQueue?
    /// How many streams there have been.
    private var streamTotal = 0

    init(_ upstream: UpstreamConnection) {
        self.upstream = upstream
        self.worker = upstream.worker
        self.connection = HTTP2Connection(.client, limits: worker.snapshot.limits.upstreamHTTP2)
    }

    /// Whether the connection takes one more request now or soon.
    var takesStream: Bool {
        guard isOpen else { return waiting.count < Self.mostWaiting }
        return waiting.isEmpty && connection.canOpen
    }

    /// Whether requests are in flight.
    var isBusy: Bool { connection.streamCount > 0 || !waiting.isEmpty }

    /// Takes over an exchange and sends its request, now or once the connection is open.
    ///
    /// - Parameter permit: the proof that policy lets this request through.
    func start(_ exchange: Exchange, _ permit: Permit, _ bytes: ByteQueue) {
        let stream = worker.takeUpstreamStream()
        stream.begin(self, exchange, bytes, isReused: streamTotal > 0)
        exchange.upstreamStream = stream
        streamTotal += 1
        waiting.append(stream)
        startWaiting()
    }

    /// Requests may be sent from here on.
    func opened() {
        isOpen = true
        prepare()
        connection.start(worker.http2UpstreamWorkspace)
        startWaiting()
        flush()
        settle()
    }

    /// Opens streams for what waits, as many as the endpoint takes.
    func startWaiting() {
        guard isOpen else { return }
        while let next = waiting.first {
            prepare()
            guard let stream = connection.open(isBodiless: next.isHeadRequest) else { break }
            waiting.removeFirst()
            while streams.count <= stream.slot { streams.append(nil) }
            streams[stream.slot] = next
            next.open(stream)
        }
        flushUnlessReceiving()
        giveUpWaiting()
    }

    /// What waits for an endpoint that takes nothing more goes elsewhere.
    private func giveUpWaiting() {
        guard !waiting.isEmpty, connection.hasPeerGoneAway || connection.hasFailed else { return }
        let left = waiting
        waiting = []
        for stream in left { stream.notSent(.refused) }
    }

    /// The exchanges that wait, with what is to be sent of them, as the connection cannot be opened.
    func takeWaiting() -> [(exchange: Exchange?, bytes: ByteQueue)] {
        let left = waiting
        waiting = []
        return left.map { $0.giveUp() }
    }

    /// Takes what the endpoint sent.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        let queue = inbound ?? worker.takeQueue()
        inbound = nil
        unsafe queue.append(bytes)
        connection.now = worker.loop.now
        isReceiving = true
        var offset = 0
        while upstream.state != .closed {
            prepare()
            let event = unsafe connection.next(
                Span<UInt8>(_unsafeBytes: queue.readable),
                from: &offset,
                worker.http2UpstreamWorkspace
            )
            guard event != .needMore else { break }
            handle(event, queue)
        }
        queue.consume(offset)
        isReceiving = false
        if queue.isEmpty || upstream.state == .closed { worker.giveBack(queue) } else { inbound = queue }
        flush()
        settle()
    }

    /// Makes the worker's workspace this connection's: what another one has written goes out first.
    func prepare() {
        if let owner = worker.http2UpstreamOwner, owner !== self { owner.flush() }
        worker.http2UpstreamOwner = self
    }

    func flushUnlessReceiving() {
        if !isReceiving { flush() }
    }

    /// Sends what was written.
    func flush() {
        guard worker.http2UpstreamOwner === self else { return }
        worker.http2UpstreamOwner = nil
        guard !worker.http2UpstreamWorkspace.output.isEmpty else { return }
        let queue = worker.takeQueue()
        defer { worker.giveBack(queue) }
        queue.append(worker.http2UpstreamWorkspace.output)
        worker.http2UpstreamWorkspace.output.removeAll(keepingCapacity: true)
        guard upstream.state == .active || upstream.state == .idle else { return }
        upstream.send(queue)
    }

    /// Gives back what is held, as the connection is closed.
    func releaseInbound() {
        guard let queue = inbound else { return }
        inbound = nil
        worker.giveBack(queue)
    }

    private static let mostWaiting = 100
}

extension RouterLimits {
    /// The bounds on an endpoint, where a slow client must not hold up the others' streams.
    var upstreamHTTP2: HTTP2Limits {
        var limits = HTTP2Limits()
        limits.streamWindow = 128 * 1024
        limits.connectionWindow = limits.streamWindow * limits.maxConcurrentStreams
        limits.maxHeaderListSize = head.maxHeadBytes
        limits.maxHeaderBlockSize = head.maxHeadBytes
        limits.maxFields = head.maxHeaderCount + 1
        return limits
    }
}
