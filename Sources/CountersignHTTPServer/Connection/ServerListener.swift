import CountersignHTTP1
import CountersignTransport
import Glibc

/// The listening socket of one event loop, the connections that it accepted, and what they share.
@safe
final class ServerListener {
    let loop: EventLoop
    let settings: HTTPServerSettings
    let times: ServerTimes
    let tls: ServerTLS?
    let handler: HTTPServer.Handler
    let inbox: AnswerInbox
    /// Where bytes from any socket land first.
    let receiveBuffer: UnsafeMutableRawBufferPointer
    /// Plaintext on its way to be encrypted; empty between uses.
    let scratch = ByteQueue()
    var scanner: RequestScanner
    private(set) var isStopping = false

    private let descriptor: Int32
    private var acceptor: Acceptor?
    private let displacement: DisplacementGroup.Member?
    private var connections: [UInt64: ServerConnection] = [:] {
        didSet { displacement?.has(connections.count) }
    }
    private var lastID: UInt64
    private var deliveries: [Delivery] = []
    private var touched: [ServerConnection] = []
    private var isDraining = false
    private var date: (second: Int64, field: [UInt8]) = (-1, [])
    private lazy var clock = ListenerClock(self)

    /// Makes a listener on the thread of its loop.
    init(loop: EventLoop, descriptor: Int32, plan: ServerPlan) {
        self.loop = loop
        self.descriptor = descriptor
        self.settings = plan.settings
        self.times = ServerTimes(plan.settings)
        self.tls = plan.tls
        self.handler = plan.handler
        self.inbox = AnswerInbox(mailbox: loop.mailbox)
        self.scanner = RequestScanner(limits: plan.settings.headLimits)
        self.lastID = UInt64(loop.index) << 48
        self.displacement = plan.settings.displacement?.join(loop) { loop in
            (loop.context as? ServerListener)?.makeRoom() ?? false
        }
        unsafe self.receiveBuffer = .allocate(byteCount: Self.receiveSize, alignment: 16)
    }

    deinit {
        unsafe receiveBuffer.deallocate()
    }

    func start() -> Bool {
        acceptor = Acceptor(
            loop: loop,
            descriptor: descriptor,
            accept: { [unowned self] in accept($0, $1) },
            makeRoom: { [unowned self] in makeRoom() },
            onExhaustion: { [unowned self] in displacement?.displaceElsewhere() }
        )
        return acceptor != nil
    }

    private func accept(_ descriptor: Int32, _ remote: SocketAddress) {
        if connections.count >= settings.maximumConnections {
            settings.onRefusedConnection()
            guard displace() else {
                Socket.abort(descriptor)
                return
            }
        }
        lastID += 1
        let info = ServerConnectionInfo(id: lastID, remote: remote, isTLS: tls != nil, peer: nil)
        let connection = ServerConnection(listener: self, descriptor: descriptor, info: info)
        guard connection.start() else {
            Socket.abort(descriptor)
            return
        }
        connections[info.id] = connection
    }

    /// Frees a descriptor where there are fewer than connections that may be.
    private func makeRoom() -> Bool {
        guard displace() else { return false }
        settings.onRefusedConnection()
        return true
    }

    /// Ends the connection that has the least to lose; `false` when each waits for an answer, or none is ended for others.
    private func displace() -> Bool {
        guard displacement != nil else { return false }
        let least = PlaceClaim.least(of: connections.values, claim: \.claim, isAsking: \.hasUnread)
        least?.close()
        return least != nil
    }

    /// Hands out what other threads and handlers have delivered, until there is no more.
    func drainInbox() {
        guard !isDraining else { return }
        isDraining = true
        while true {
            inbox.take(&deliveries)
            if deliveries.isEmpty { break }
            for delivery in deliveries { handOut(delivery) }
            deliveries.removeAll(keepingCapacity: true)
            for connection in touched {
                connection.isTouched = false
                connection.advance()
            }
            touched.removeAll(keepingCapacity: true)
        }
        isDraining = false
    }

    private func handOut(_ delivery: Delivery) {
        guard let connection = connections[delivery.connection] else {
            if case .stream(let core, _) = delivery.content { core.end(isStopping ? .stopped : .peerGone) }
            return
        }
        connection.accept(delivery)
        guard !connection.isTouched else { return }
        connection.isTouched = true
        touched.append(connection)
    }

    /// The Date field with its CRLF, made once a second.
    func dateField() -> [UInt8] {
        let second = loop.wallClock / 1_000_000_000
        if date.second != second {
            date = (second, Array("Date: \(HTTPDate.text(unixSeconds: second))\r\n".utf8))
        }
        return date.field
    }

    func closed(_ connection: ServerConnection) {
        connections[connection.info.id] = nil
        if isStopping, connections.isEmpty { loop.stop() }
    }

    /// Has the clients of connections judged again from time to time, as verdicts run out.
    func watchPeers() {
        clock.start(after: Self.recheckTime)
    }

    /// Judges the clients of all connections again; returns whether there are any.
    @discardableResult
    func recheckPeers() -> Bool {
        for connection in Array(connections.values) { connection.recheckPeer() }
        drainInbox()
        return connections.values.contains { $0.info.peer != nil }
    }

    /// Takes no new connections, finishes what is in hand, and ends the loop; at once when `grace` is 0 nanoseconds.
    func stop(grace: UInt64) {
        if !isStopping {
            isStopping = true
            acceptor?.close()
            acceptor = nil
            displacement?.leave()
        }
        for connection in Array(connections.values) {
            connection.beginStop()
            if grace == 0 { connection.close() }
        }
        drainInbox()
        if connections.isEmpty { loop.stop() } else { clock.start(after: grace) }
    }

    func clockTicked() {
        if isStopping {
            stop(grace: 0)
        } else if recheckPeers() {
            clock.start(after: Self.recheckTime)
        }
    }

    private static let receiveSize = 64 * 1024
    private static let recheckTime: UInt64 = 10_000_000_000
}

/// The deadline of a listener that is not a connection's.
private final class ListenerClock: ReadinessHandler {
    private unowned let listener: ServerListener
    private var token = HandlerToken.none
    private var deadline = UInt64.max

    init(_ listener: ServerListener) {
        self.listener = listener
        token = listener.loop.addTimer(self)
    }

    func start(after nanoseconds: UInt64) {
        let wanted = listener.loop.now &+ nanoseconds
        guard wanted < deadline else { return }
        deadline = wanted
        listener.loop.setDeadline(token, at: wanted)
    }

    func ready(_ readiness: Readiness) {}

    func deadlinePassed() {
        deadline = .max
        listener.clockTicked()
    }
}
