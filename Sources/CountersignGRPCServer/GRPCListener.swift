import CountersignHTTP2
import CountersignTransport

/// The listening socket of a server, the connections that it accepted, and what they share; all on one thread.
final class GRPCListener {
    let loop: EventLoop
    let settings: GRPCServerSettings
    let methods: GRPCMethods
    let workspace: HTTP2Workspace
    private var acceptor: Acceptor?
    private let displacement: DisplacementGroup.Member?
    private var connections: [UInt64: GRPCConnection] = [:] {
        didSet { displacement?.has(connections.count) }
    }
    private var admission: GRPCAdmission
    private var lastID: UInt64 = 0
    private var isStopping = false
    private var graceTimer: GraceTimer?

    init(loop: EventLoop, methods: GRPCMethods, settings: GRPCServerSettings) {
        self.loop = loop
        self.methods = methods
        self.settings = settings
        self.displacement = settings.displacement?.join(loop) { ($0.context as? GRPCListener)?.makeRoom() ?? false }
        self.admission = GRPCAdmission(settings)
        self.workspace = HTTP2Workspace(limits: settings.http2)
    }

    /// Starts to take connections; `false` when the system does not watch the socket.
    func start(_ descriptor: Int32) -> Bool {
        acceptor = Acceptor(
            loop: loop,
            descriptor: descriptor,
            accept: { [unowned self] in accept($0, $1) },
            makeRoom: { [unowned self] in makeRoom() },
            onExhaustion: { [unowned self] in displacement?.displaceElsewhere() }
        )
        return acceptor != nil
    }

    func connection(_ id: UInt64) -> GRPCConnection? { connections[id] }

    private func accept(_ descriptor: Int32, _ address: SocketAddress) {
        guard let peer = peer(descriptor, address) else {
            Socket.abort(descriptor)
            return
        }
        if let overload = admission.enter(peer) {
            settings.onOverload(overload)
            guard displace(), admission.enter(peer) == nil else {
                Socket.abort(descriptor)
                return
            }
        }
        lastID += 1
        let connection = GRPCConnection(listener: self, id: lastID, descriptor: descriptor, peer: peer)
        connections[lastID] = connection
        if !connection.start(), !connection.isClosed {
            connections[lastID] = nil
            admission.leave(peer)
            Socket.abort(descriptor)
        }
    }

    /// Frees a descriptor where there are fewer than connections that may be.
    private func makeRoom() -> Bool {
        guard displace() else { return false }
        settings.onOverload(.connections)
        return true
    }

    /// Ends the connection that has the least to lose; `false` when each waits for an answer, or none is ended for others.
    private func displace() -> Bool {
        guard displacement != nil else { return false }
        let least = PlaceClaim.least(of: connections.values, claim: \.claim, isAsking: \.hasUnread)
        least?.close()
        return least != nil
    }

    /// Counts a connection, from its next call on, as its account's by the rules that are in force now.
    func recount(_ connection: GRPCConnection) {
        guard case .local(let local) = connection.peer else { return }
        let account = account(of: local.credentials.userID)
        guard account != local.account else { return }
        let peer = GRPCPeer.local(
            GRPCLocalPeer(credentials: local.credentials, process: local.process, account: account)
        )
        admission.move(from: connection.peer, to: peer)
        connection.peer = peer
    }

    /// Counts a call of a connection; `false` when its account has enough.
    func enterCall(_ peer: GRPCPeer) -> Bool {
        guard let overload = admission.enterCall(peer) else { return true }
        settings.onOverload(overload)
        return false
    }

    func leaveCall(_ peer: GRPCPeer) {
        admission.leaveCall(peer)
    }

    private func peer(_ descriptor: Int32, _ address: SocketAddress) -> GRPCPeer? {
        guard address.isLocal else { return .network(address) }
        // The process is asked for first: while it is held, its number is no other's.
        let process = ProcessHandle(peerOf: descriptor)
        guard let credentials = LocalPeer(of: descriptor) else { return nil }
        let account = account(of: credentials.userID)
        return .local(GRPCLocalPeer(credentials: credentials, process: process, account: account))
    }

    private func account(of userID: UInt32) -> GRPCAccount {
        settings.isStranger(userID) ? .strangers : .user(userID)
    }

    func closed(_ connection: GRPCConnection) {
        if connections.removeValue(forKey: connection.id) != nil { admission.leave(connection.peer) }
        if isStopping, connections.isEmpty { loop.stop() }
    }

    /// Takes no new connections or calls and ends once those in hand have ended; at once when `grace` is 0 nanoseconds.
    func stop(grace: UInt64) {
        if !isStopping {
            isStopping = true
            acceptor?.close()
            acceptor = nil
            displacement?.leave()
        }
        for connection in Array(connections.values) {
            if grace == 0 { connection.close() } else { connection.beginStop() }
        }
        guard !connections.isEmpty else {
            loop.stop()
            return
        }
        graceTimer = GraceTimer(self, after: grace)
    }
}

/// Ends what has not ended by itself.
private final class GraceTimer: ReadinessHandler {
    private unowned let listener: GRPCListener

    init(_ listener: GRPCListener, after grace: UInt64) {
        self.listener = listener
        let token = listener.loop.addTimer(self)
        listener.loop.setDeadline(token, at: listener.loop.now &+ grace)
    }

    func ready(_ readiness: Readiness) {}

    func deadlinePassed() {
        listener.stop(grace: 0)
    }
}
