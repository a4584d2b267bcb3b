import CountersignNATS
import CountersignTransport

/// Keeps a connection to one of the servers of a bus, on a thread of its own, until it is stopped.
///
/// The servers are tried in turn from a random one on. A connection that is lost is followed by one to the next server
/// at once; after a round in which all of them failed there is a pause, which grows.
package final class NATSClient: Sendable {
    private let thread: EventLoopThread

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - settings: how to reach the bus.
    ///   - makeListener: makes who hears what comes; called on the client's thread.
    /// - Throws: `SystemError` when no thread can be made.
    package init(_ settings: NATSClientSettings, makeListener: @escaping @Sendable () -> any NATSListener) throws {
        thread = try EventLoopThread(name: "nats", index: 0) { loop in
            let listener = makeListener()
            let attempts = ConnectionAttempts(settings, loop: loop, listener: listener)
            loop.context = attempts
            listener.started(on: loop)
            attempts.begin()
        }
    }

    /// Ends the connection and the thread; the listener hears nothing any more once this returns.
    package func stop() {
        thread.mailbox.send { loop in
            (loop.context as? ConnectionAttempts)?.end()
            loop.stop()
        }
        thread.join()
    }
}

/// The state of the client's thread.
private final class ConnectionAttempts {
    private let settings: NATSClientSettings
    private let loop: EventLoop
    private let listener: any NATSListener
    private var random = SystemRandomNumberGenerator()
    /// How long to wait after a round in which every server failed.
    private var pause = Backoff(first: .milliseconds(100), last: .seconds(5))
    private var connection: NATSConnection?
    private var timer: LoopTimer?
    /// The server that is tried next, and how many have failed since one let the client in or a pause was made.
    private var turn: Int
    private var failures = 0
    /// Addresses of the server of this turn that have not been tried.
    private var addresses: [SocketAddress] = []
    private var hasEnded = false

    init(_ settings: NATSClientSettings, loop: EventLoop, listener: any NATSListener) {
        self.settings = settings
        self.loop = loop
        self.listener = listener
        self.turn = Int.random(in: 0..<max(settings.servers.count, 1), using: &random)
    }

    func begin() {
        timer = LoopTimer(loop: loop) { [unowned self] in tryNext() }
        timer?.set(after: .zero)
    }

    func end() {
        hasEnded = true
        timer?.cancel()
        connection?.close()
        connection = nil
    }

    private func tryNext() {
        guard !hasEnded, connection == nil, !settings.servers.isEmpty else { return }
        let server = settings.servers[turn % settings.servers.count]
        do {
            if addresses.isEmpty { addresses = try SocketAddress.resolve(host: server.host, port: server.port) }
            guard !addresses.isEmpty else {
                failed(server.label, "the host has no address", wasConnected: false)
                return
            }
            connection = try NATSConnection(
                to: addresses.removeFirst(),
                of: server,
                settings: settings,
                loop: loop,
                listener: listener,
                events: NATSConnection.Events(
                    ready: { [unowned self] in ready($0) },
                    failed: { [unowned self] in lost($0, $1) }
                )
            )
        } catch {
            failed(server.label, error.description, wasConnected: false)
        }
    }

    private func ready(_ connection: NATSConnection) {
        pause.reset()
        failures = 0
        addresses = []
        isLetIn = true
        listener.connected(to: connection.server.label, connection)
    }

    /// Whether the present connection was let in.
    private var isLetIn = false

    private func lost(_ connection: NATSConnection, _ reason: String) {
        guard !hasEnded else { return }
        self.connection = nil
        let wasConnected = isLetIn
        isLetIn = false
        failed(connection.server.label, reason, wasConnected: wasConnected)
    }

    private func failed(_ server: String, _ reason: String, wasConnected: Bool) {
        listener.disconnected(from: server, reason: reason, wasConnected: wasConnected)
        guard addresses.isEmpty else {
            timer?.set(after: .zero)
            return
        }
        turn = (turn + 1) % max(settings.servers.count, 1)
        failures += 1
        guard failures >= settings.servers.count else {
            timer?.set(after: .milliseconds(Int64.random(in: 0...Self.longestStep, using: &random)))
            return
        }
        failures = 0
        timer?.set(after: pause.next(&random))
    }

    /// Before the next server of a round, in milliseconds.
    private static let longestStep: Int64 = 50
}
