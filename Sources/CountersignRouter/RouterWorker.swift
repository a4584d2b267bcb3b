import CountersignHTTP1
import CountersignHTTP2
import CountersignPKI
import CountersignRouting
import CountersignTelemetry
import CountersignTokens
import CountersignTransport
import Logging

/// One event loop's share of the router: its listeners, connections, pools and scratch memory.
///
/// Facets: `+Connections` (accept, handshake, close), `+Revocation` (identities that count no more), `+Exchanges` (scratch
/// objects), `+Routes` (routes and pools), `+Upstreams` (endpoints over TLS), `+Counting` (metrics, log).
@safe
final class RouterWorker {
    let loop: EventLoop
    let services: RouterServices
    let metrics: RouterMetrics
    private(set) var snapshot: RouterSnapshot
    /// Tokens that were verified, by the number of the rule.
    var tokens: [UInt64: VerifiedTokenCache] = [:]
    /// Its part about balancing, in memory of this worker.
    private(set) var balancing: BalancingPlan
    /// How many snapshots there have been: what was found under the same edition need not be looked up again.
    private(set) var edition: UInt64 = 1
    private(set) var isDraining = false
    var clients: [ObjectIdentifier: ClientConnection] = [:]
    private(set) var identities = PreparedIdentities()
    /// Those whose session tickets wait for a response, and those for which they have done so since the last second.
    var ticketsToCome: [ClientConnection] = []
    private var ticketsOverdue: [ClientConnection] = []
    /// Which of them depend on which certificates.
    var connectionIndex = ConnectionIndex<ClientConnection>()
    private var listeners: [Acceptor] = []

    /// Those to endpoints.
    var upstreamIndex = ConnectionIndex<UpstreamConnection>()
    /// The edition of the router's identity that idle connections to endpoints were last measured by.
    var followedIdentity: UInt64 = 0

    /// Ciphertext just received from a client.
    let cipherIn = UnsafeMutableRawBufferPointer.allocate(byteCount: RouterWorker.readSize, alignment: 16)
    /// Bytes just received from a backend.
    let upstreamIn = UnsafeMutableRawBufferPointer.allocate(byteCount: RouterWorker.readSize, alignment: 16)
    let plain = ByteQueue(capacity: RouterWorker.readSize + 32 * 1024)
    let cipherOut = ByteQueue(capacity: RouterWorker.readSize * 2)
    let clientOut = ByteQueue(capacity: RouterWorker.readSize * 2)
    let upstreamOut = ByteQueue(capacity: RouterWorker.readSize * 2)
    /// What the sessions with endpoints have decrypted, and encrypted.
    let upstreamPlain = ByteQueue()
    let upstreamCipher = ByteQueue()
    let turnFlush: TurnFlush
    /// Memory for the work on connections of HTTP/2, whose of them has written into it, and room for one head.
    var http2Workspace: HTTP2Workspace
    var http2Owner: ClientMultiplexer?
    let http2Head = ByteQueue()
    var http2UpstreamWorkspace: HTTP2Workspace
    var http2UpstreamOwner: UpstreamMultiplexer?
    var spareClientStreams: [ClientStream] = []
    var spareUpstreamStreams: [UpstreamStream] = []
    var requestScanner: RequestScanner
    var responseScanner: ResponseScanner
    var requestIDs = RequestIDGenerator()

    var pools: [UpstreamTarget: UpstreamPool] = [:]
    /// This worker's own copy of the routes, changed between two requests.
    var routes: WorkerRoutes
    /// By the position of the route; `nil` as long as nobody asked for it.
    var routeStates: [RouteState?] = []
    /// What is kept for calls of local workloads.
    var outgoing = OutgoingState()
    /// Endpoints that fail their active checks.
    var failingTargets: Set<UpstreamTarget> = []
    /// What asks them; on the first worker, once there is something to ask.
    private var healthChecker: HealthChecker?
    var retryBudget = RetryBudget()
    var random = ChanceGenerator()
    /// The open tunnels, and whether something has changed that they were not measured by.
    var tunnels: [ObjectIdentifier: Exchange] = [:]
    var tunnelsAreUnjudged = false
    var spareExchanges: [Exchange] = []
    var spareQueues: [ByteQueue] = []
    let accessLog: AccessLogBuffer?
    /// Counters of requests on no mTLS domain, and of each domain's.
    let plainRequests: RequestCounter
    var domainRequests: [ObjectIdentifier: RequestCounter] = [:]
    var lastCounted: (domain: ObjectIdentifier, counter: RequestCounter)?
    var refusalLogBudget = RouterWorker.refusalLogsPerSecond
    /// Whether it was said in this second that something ran out.
    var hasToldOfLimit = false
    private var flushTimer: FlushTimer?
    lazy var upstreamContexts = UpstreamContexts(worker: self)

    init(loop: EventLoop, services: RouterServices, snapshot: RouterSnapshot, routes: [Route]) {
        self.loop = loop
        self.services = services
        self.metrics = services.metrics
        self.snapshot = snapshot
        self.turnFlush = TurnFlush()
        loop.turnEnd = turnFlush
        self.http2Workspace = HTTP2Workspace(limits: snapshot.limits.effectiveHTTP2)
        self.http2UpstreamWorkspace = HTTP2Workspace(limits: snapshot.limits.upstreamHTTP2)
        self.balancing = snapshot.balancing.copied
        self.requestScanner = RequestScanner(limits: snapshot.limits.head)
        self.responseScanner = ResponseScanner(limits: snapshot.limits.head)
        self.accessLog = services.accessLog.map { AccessLogBuffer(log: $0) }
        self.plainRequests = services.metrics.requests.child("")
        var generator = SystemRandomNumberGenerator()
        self.routes = WorkerRoutes(routes, seed: generator.next())
        self.flushTimer = FlushTimer(worker: self)
    }

    deinit {
        unsafe cipherIn.deallocate()
        unsafe upstreamIn.deallocate()
    }

    var logger: Logger { services.logger }
    var timeouts: RouterTimeouts { snapshot.timeouts }
    var unixSeconds: Int64 { loop.wallClock / 1_000_000_000 }

    /// Starts to accept on a listening socket, which is the worker's from here on.
    ///
    /// - Parameter listener: its position in the router's addresses.
    func listen(on descriptor: Int32, listener: Int) throws(SystemError) {
        let acceptor = Acceptor(loop: loop, descriptor: descriptor) { [unowned self] connection, peer in
            accept(connection, from: peer, listener: listener)
        } onExhaustion: { [unowned self] in
            tellOfLimit("no file descriptors left, accepting paused", [:])
        }
        guard let acceptor else { throw SystemError(action: "watch a listening socket") }
        listeners.append(acceptor)
    }

    /// Replaces what requests are decided by; the next request sees it, on open connections too.
    func install(_ next: RouterSnapshot) {
        let former = snapshot.traffic.permissiveListeners
        snapshot = next
        // The next snapshot has rules of its own.
        tokens = [:]
        balancing = next.balancing.copied
        edition += 1
        tunnelsAreUnjudged = true
        domainRequests = [:]
        lastCounted = nil
        identities.removeAll()
        http2Owner?.flush()
        http2UpstreamOwner?.flush()
        http2UpstreamWorkspace = HTTP2Workspace(limits: next.limits.upstreamHTTP2)
        http2Workspace = HTTP2Workspace(limits: next.limits.effectiveHTTP2)
        requestScanner = RequestScanner(limits: next.limits.head)
        responseScanner = ResponseScanner(limits: next.limits.head)
        followUpstreamSecurity()
        forgetOutgoing()
        if next.traffic.permissiveListeners != former { endPlainConnections() }
        if loop.index == 0 { beginChecks() }
    }

    /// Has the endpoints checked that the snapshot says; what is found is for all workers.
    func beginChecks() {
        guard healthChecker != nil || !snapshot.healthChecks.isEmpty else { return }
        if healthChecker == nil { healthChecker = HealthChecker(worker: self) }
        healthChecker?.follow(snapshot.healthChecks)
    }

    /// What a connection has proved, prepared for its requests.
    func identity(serverName: [UInt8], domain: MutualTLSDomain?, peer: VerifiedPeer?) -> ConnectionIdentity {
        // A domain that a reload has replaced since the handshake began is kept no longer than the connection.
        guard snapshot.domain(of: serverName.span) === domain else {
            return ConnectionIdentity(serverName: serverName, domain: domain, peer: peer)
        }
        return identities.identity(serverName: serverName, domain: domain, peer: peer)
    }

    /// Sends the session tickets for which no response has come in a second: clients that give up could not resume.
    func sendOverdueTickets() {
        for client in ticketsOverdue { client.sendTickets() }
        ticketsOverdue = ticketsToCome
        ticketsToCome = []
    }

    /// Stops to accept, closes idle connections and lets the others finish.
    func drain() {
        isDraining = true
        for listener in listeners { listener.close() }
        listeners = []
        for client in clients.values where client.exchange == nil { client.endIdle() }
        reportIfEmpty()
    }

    /// Ends what is still open; a connection that owes its client nothing is not cut by that.
    private func cutAll() {
        for client in clients.values {
            if client.isBusy {
                services.noteCut()
                client.cut("drain_timeout")
            } else {
                client.finishClosing()
            }
        }
        reportIfEmpty()
    }

    /// Ends the worker: cuts what is open and hands the last log lines over.
    ///
    /// What it lends to requests refers to it, and is let go of here.
    func finish() {
        for listener in listeners { listener.close() }
        listeners = []
        healthChecker?.stop()
        healthChecker = nil
        cutAll()
        for pool in pools.values { pool.retire() }
        pools = [:]
        routeStates = []
        finishOutgoing()
        ticketsToCome = []
        ticketsOverdue = []
        spareExchanges = []
        spareClientStreams = []
        spareUpstreamStreams = []
        accessLog?.flush()
        flushTimer = nil
    }

    func reportIfEmpty() {
        if isDraining, clients.isEmpty { services.drained.finish(loop.index) }
    }

    /// The most that one receive takes: much of what a large body costs is waking its two ends, once for each receive.
    static let readSize = 256 * 1024
    /// What a queue that is lent to one connection after the other keeps of its room.
    static let keptQueueSize = 64 * 1024
    static let refusalLogsPerSecond = 100
}

/// Hands collected access log lines over as often as the log's configuration says, and does what is due each second.
private final class FlushTimer: ReadinessHandler {
    private unowned let worker: RouterWorker
    private let interval: UInt64
    private var nextFlush: UInt64
    private var nextBudget: UInt64
    private var token = HandlerToken.none

    init(worker: RouterWorker) {
        self.worker = worker
        self.interval = worker.services.accessLog?.configuration.flushInterval.nanoseconds ?? Self.second
        self.nextFlush = worker.loop.now &+ interval
        self.nextBudget = worker.loop.now &+ Self.second
        token = worker.loop.addTimer(self)
        schedule()
    }

    func ready(_ readiness: Readiness) {}

    func deadlinePassed() {
        let now = worker.loop.now
        if now >= nextFlush {
            worker.accessLog?.flush()
            nextFlush = now &+ interval
        }
        if now >= nextBudget {
            worker.refusalLogBudget = RouterWorker.refusalLogsPerSecond
            worker.services.revoked.checkFreshness(now: now)
            worker.followIdentity()
            worker.judgeTunnels()
            worker.hasToldOfLimit = false
            worker.sendOverdueTickets()
            nextBudget = now &+ Self.second
        }
        schedule()
    }

    private func schedule() {
        worker.loop.setDeadline(token, at: min(nextFlush, nextBudget))
    }

    private static let second: UInt64 = 1_000_000_000
}
