import CountersignForwarding
import CountersignHTTP1
import CountersignPolicy
import CountersignRouting
import CountersignTelemetry
import CountersignTransport

/// One request and its response.
///
/// Objects are used again, so that a request in a steady state allocates nothing.
/// Facets: `+Decision` (domain, route, policy), `+Request` (toward the backend), `+Endpoint` (which one), `+Response` (toward
/// the client), `+Refusal` (answers of the router itself), `+Outcome` (log and metrics), `+Upgrade` and `+Tunnel`.
final class Exchange {
    enum ResponsePhase {
        /// Nothing of the final response has come.
        case awaited
        case body
        case complete
        /// Bytes are passed on either way; see `Tunnel/`.
        case tunnel
    }

    let worker: RouterWorker
    var client: ClientConnection?
    /// The stream of the client's connection, where that is one of HTTP/2.
    var stream: ClientStream?
    var upstream: UpstreamConnection? {
        didSet {
            if let oldValue {
                oldValue.pool.load -= 1
                routeState?.load.count -= 1
            }
            if let upstream {
                upstream.pool.load += 1
                routeState?.load.count += 1
            }
        }
    }
    /// The stream of the endpoint's connection, where that is one of HTTP/2.
    var upstreamStream: UpstreamStream?
    /// What there was of a stream that the endpoint has ended before its time.
    var lostStream: LostStream?
    /// The request head as received: for the log, and to send it again when a kept connection turns out to be dead.
    let headBytes = ByteQueue(capacity: 1024)
    /// Trailer fields that wait for the end of their message's content.
    let requestTrailers = ByteQueue()
    let responseTrailers = ByteQueue()
    var head = RequestHead()
    var logRequest = AccessLogRequest(start: 0, isSecure: true, version: .http11)
    var outcome = AccessLogOutcome()
    /// When the first byte of the request was there, and when it was handed on, in nanoseconds of the loop.
    var startedAt: UInt64 = 0
    var sentAt: UInt64 = 0

    var domain: MutualTLSDomain?
    var route: Route?
    var routeState: RouteState?
    var decisionLog: AccessLogFragment?
    var upstreamLog: AccessLogFragment?
    /// Where the request's id is in ``headBytes``: in the head, or behind it when the router gave it.
    var requestID = ByteRange.empty
    var givenID: ByteRange?
    /// Where the `traceparent` for the backend is in ``headBytes``, and whether the client's `tracestate` goes with it.
    var traceParent = ByteRange.empty
    var keepsTraceState = false
    /// How many bytes at the end of the request's head are about the endpoint that was chosen.
    var endpointLength = 0
    var permit: Permit?
    /// Whether only endpoints that are near to the caller may serve the request.
    var asksForNearness = false
    /// How often the request was given to an endpoint, and those that failed it.
    var attempts = 0
    var tried: [UpstreamPool] = []
    /// Which of ``routeState``'s endpoints it was given to last.
    var endpointPosition = -1
    /// Where in ``headBytes`` the instance is named that the request's session is with.
    var stickyInstance: ByteRange?
    /// The hash of the header that decides about the endpoint, where one does.
    var affinity: UInt64?
    var interimResponses = 0

    var requestBody = BodyReader(.none)
    var isRequestComplete = true
    /// Bytes that must still come before a slow sender's time starts again.
    var untilProgress = 0
    var responseBody = BodyReader(.none)
    var responsePhase = ResponsePhase.awaited
    var chunksResponse = false
    var tunnel = TunnelState()
    var tunnelKind = TunnelKind.upgrade
    /// Where a local workload calls; `nil` on a reverse proxy.
    var call: OutgoingCall?
    var keepsClient = true
    var isFinished = true
    /// Bytes of the backend are being read: until that is over, the connections are not handed back.
    var isReceiving = false
    private var isUpstreamReusable = false

    init(worker: RouterWorker) {
        self.worker = worker
    }

    /// Takes over a request whose head was scanned, and decides and forwards it.
    ///
    /// - Parameters:
    ///   - arrival: when the first byte of the head was there.
    ///   - stream: where the client speaks HTTP/2, the request's.
    func begin(client: ClientConnection, bytes: ByteQueue, arrival: UInt64, stream: ClientStream? = nil) {
        reset(client, arrival: arrival, stream)
        head = worker.requestScanner.head
        unsafe headBytes.append(UnsafeRawBufferPointer(rebasing: bytes.readable[0..<head.length]))
        bytes.consume(head.length)
        // What follows a CONNECT that is refused may be meant for the tunnel that there is not.
        keepsClient = head.keepAlive && (head.method != .connect || stream != nil)
        requestBody.restart(head.framing)
        isRequestComplete = requestBody.isFinished
        untilProgress = Self.progressBytes
        noteRequest()
        if isRequestComplete { clearClientDeadline() } else { setClientDeadline(worker.timeouts.bodyIdle) }
        decide()
    }

    func reset(_ client: ClientConnection, arrival: UInt64, _ stream: ClientStream? = nil) {
        self.client = client
        self.stream = stream
        headBytes.removeAll()
        requestTrailers.removeAll()
        responseTrailers.removeAll()
        startedAt = arrival
        sentAt = 0
        outcome = AccessLogOutcome()
        let age = Int64(clamping: worker.loop.now &- arrival)
        logRequest = AccessLogRequest(
            start: worker.loop.wallClock &- age,
            isSecure: client.session != nil,
            version: .http11
        )
        domain = nil
        route = nil
        routeState = nil
        permit = nil
        asksForNearness = false
        decisionLog = nil
        upstreamLog = nil
        requestID = .empty
        givenID = nil
        traceParent = .empty
        head = RequestHead()
        lostStream = nil
        attempts = 0
        if !tried.isEmpty { tried.removeAll(keepingCapacity: true) }
        endpointPosition = -1
        stickyInstance = nil
        affinity = nil
        interimResponses = 0
        responsePhase = .awaited
        chunksResponse = false
        tunnel = TunnelState()
        call = nil
        keepsClient = true
        isRequestComplete = true
        isFinished = false
    }

    func clearClientDeadline() {
        guard !isTunnel else { return }
        if let stream { stream.clearRequestDeadline() } else { client?.clearRequestDeadline() }
    }

    /// Ends the exchange: writes the log, counts, and hands the connections back.
    ///
    /// - Parameter upstreamReusable: the backend's connection stands at the end of a response that fits its request.
    func finish(upstreamReusable: Bool) {
        guard !isFinished, client != nil else { return }
        isFinished = true
        isUpstreamReusable = upstreamReusable
        record()
        if !isReceiving { handOver() }
    }

    /// Gives the connections and this object back, after ``finish(upstreamReusable:)``.
    ///
    /// The client's next request begins in here, often with this very object and on the same connection to the backend:
    /// nothing may follow on the stack that reads on for the finished exchange.
    func handOver() {
        guard isFinished, let client else { return }
        releaseUpstream(reusable: isUpstreamReusable)
        self.client = nil
        let keepsAlive = keepsClient && isRequestComplete
        let stream = self.stream
        self.stream = nil
        worker.giveBack(self)
        if let stream { stream.exchangeFinished() } else { client.exchangeFinished(keepsAlive: keepsAlive) }
    }

    /// Ends the exchange without a complete response: the client sees a cut connection.
    ///
    /// - Parameters:
    ///   - label: what happened, for the access log.
    ///   - status: what the access log says where no status was sent.
    func cut(_ label: StaticString, status: Int = 0) {
        guard !isFinished else { return }
        if let stream { stream.cut(label, status: status) } else { client?.cut(label, status: status) }
    }

    /// The client's connection is gone or was cut; nobody waits for the response any more.
    func connectionCut(_ label: StaticString, status: Int) {
        guard !isFinished else { return }
        isFinished = true
        outcome.error = label
        if outcome.status == 0 { outcome.status = status }
        releaseUpstream(reusable: false)
        record()
        client = nil
        stream = nil
        worker.giveBack(self)
    }

    static let progressBytes = 1024
}
