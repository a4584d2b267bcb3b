import CountersignHTTP1
import CountersignTransport
import Glibc
import Synchronization

/// A blocking HTTP/1.1 client of one server, for any number of threads.
///
/// Each call has a connection to itself; connections are kept for further calls. Redirects are not followed. Name
/// resolution alone is not bounded by the deadlines, but by the system's own.
package final class HTTPClient: Sendable {
    private struct State {
        var tls: ClientTLS?
        /// Goes up when `tls` is replaced, so that older connections are not kept.
        var edition: UInt64 = 0
        var idle: [ClientWire] = []
        /// The sockets that calls and streams work with.
        var busy: [ObjectIdentifier: ClientSocket] = [:]
        var isClosed = false
    }

    /// The server that is called.
    package let endpoint: HTTPEndpoint
    private let settings: HTTPClientSettings
    private let state: Mutex<State>

    /// Makes a client; nothing is connected before the first call.
    ///
    /// - Parameters:
    ///   - endpoint: the server.
    ///   - tls: without it, connections are not encrypted.
    ///   - settings: bounds and times.
    package init(
        _ endpoint: HTTPEndpoint,
        tls: ClientTLS? = nil,
        settings: HTTPClientSettings = HTTPClientSettings()
    ) {
        self.endpoint = endpoint
        self.settings = settings
        self.state = Mutex(State(tls: tls))
    }

    /// Makes a call and waits for its whole answer, whatever its status.
    ///
    /// An idempotent call whose kept connection turns out to be dead is made once more on a new one; so is any call
    /// that is answered with 421 on a kept connection, as the server then did nothing but judge the connection.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: begins with a slash; may have a query; percent-encoded.
    ///   - fields: header fields besides Host, User-Agent and Content-Length.
    ///   - body: the content.
    ///   - time: for all of it: connecting, TLS, sending, the answer.
    /// - Throws: ``HTTPClientError``.
    package func request(
        _ method: String,
        _ path: String,
        fields: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        within time: Duration = .seconds(30)
    ) throws(HTTPClientError) -> ClientResponse {
        let request = try text(method, path, fields, body)
        let deadline = Deadline(within: time)
        let exchange = try start(request, until: deadline)
        return try finish(exchange, atMost: settings.maximumBody, until: deadline)
    }

    /// Makes a call and hands out its answer line by line while it comes.
    ///
    /// - Parameters:
    ///   - method: the method.
    ///   - path: begins with a slash; may have a query; percent-encoded.
    ///   - fields: header fields besides Host, User-Agent and Content-Length.
    ///   - body: the content.
    ///   - time: until the head of the answer is there; each line has a time of its own.
    /// - Throws: ``HTTPClientError``; with `status` when the answer's is not 200 to 299.
    package func openStream(
        _ method: String,
        _ path: String,
        fields: [(name: String, value: String)] = [],
        body: [UInt8] = [],
        within time: Duration = .seconds(30)
    ) throws(HTTPClientError) -> ClientStream {
        let request = try text(method, path, fields, body)
        let deadline = Deadline(within: time)
        let exchange = try start(request, until: deadline)
        guard exchange.head.status >= 200, exchange.head.status <= 299 else {
            throw try finish(exchange, atMost: Self.errorBody, until: deadline).statusError
        }
        let socket = exchange.wire.socket
        return ClientStream(exchange, maximumLine: settings.maximumLine) { [weak self] in self?.forget(socket) }
    }

    /// Uses another identity or other trust for new connections, and keeps none of the present ones.
    package func replaceTLS(_ tls: ClientTLS?) {
        let dropped = state.withLock { state in
            state.tls = tls
            state.edition += 1
            defer { state.idle = [] }
            return state.idle
        }
        for wire in dropped { wire.socket.close() }
    }

    /// Ends all calls and streams, which throw `cancelled`, as does every further call.
    package func close() {
        let (idle, busy) = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return (state.idle, Array(state.busy.values))
        }
        for wire in idle { wire.socket.close() }
        for socket in busy { socket.cancel() }
    }

    private func text(
        _ method: String,
        _ path: String,
        _ fields: [(name: String, value: String)],
        _ body: [UInt8]
    ) throws(HTTPClientError) -> RequestText {
        guard path.hasPrefix("/") else { throw HTTPClientError(.invalidRequest, "the path does not begin with /") }
        return try RequestText(method: method, target: endpoint.basePath + path, fields: fields, body: body)
    }

    /// Sends a request on a kept connection or a new one, and reads the head of the answer.
    private func start(_ request: RequestText, until deadline: Deadline) throws(HTTPClientError) -> ClientExchange {
        if let kept = try takeIdle() {
            do throws(HTTPClientError) {
                let exchange = try send(request, on: kept, until: deadline)
                guard exchange.head.status == 421 else { return exchange }
                drop(kept)
            } catch {
                guard error.code == .connectionLost, request.isIdempotent, !deadline.isPassed else { throw error }
            }
        }
        return try send(request, on: try connect(until: deadline), until: deadline)
    }

    private func send(
        _ request: RequestText,
        on wire: ClientWire,
        until deadline: Deadline
    ) throws(HTTPClientError) -> ClientExchange {
        do throws(HTTPClientError) {
            return try ClientExchange(
                request,
                on: wire,
                host: endpoint.description,
                userAgent: settings.userAgent,
                until: deadline
            )
        } catch {
            drop(wire)
            throw error
        }
    }

    private func finish(
        _ exchange: ClientExchange,
        atMost limit: Int,
        until deadline: Deadline
    ) throws(HTTPClientError) -> ClientResponse {
        var body: [UInt8] = []
        do throws(HTTPClientError) {
            while try exchange.read(into: &body, until: deadline) {
                guard body.count <= limit else {
                    throw HTTPClientError(.tooLarge, "\(endpoint): the answer is larger than \(limit) bytes")
                }
            }
        } catch {
            drop(exchange.wire)
            throw error
        }
        if exchange.isReusable { keep(exchange.wire) } else { drop(exchange.wire) }
        return ClientResponse(status: exchange.head.status, fields: exchange.fields, body: body)
    }

    private func connect(until deadline: Deadline) throws(HTTPClientError) -> ClientWire {
        let addresses: [SocketAddress]
        do {
            addresses = try SocketAddress.resolve(host: endpoint.host, port: endpoint.port)
        } catch {
            throw HTTPClientError(.unresolvable, "\(endpoint): \(error)")
        }
        var last = HTTPClientError(.unresolvable, "\(endpoint): the host has no address")
        for address in addresses {
            do throws(HTTPClientError) {
                return try connect(to: address, until: deadline.capped(by: settings.connectTime))
            } catch {
                last = error
                guard [.refused, .unreachable, .timeout, .connectionLost].contains(error.code), !deadline.isPassed
                else { throw error }
            }
        }
        throw last
    }

    private func connect(to address: SocketAddress, until deadline: Deadline) throws(HTTPClientError) -> ClientWire {
        let socket: ClientSocket
        do {
            socket = ClientSocket(try Socket.connect(to: address))
        } catch {
            throw .system(error.code, label: "\(address)", while: "connecting")
        }
        let (tls, edition) = try register(socket)
        let wire = ClientWire(socket: socket, label: "\(endpoint)", edition: edition)
        let isNumeric = SocketAddress(numericHost: endpoint.host, port: 0) != nil
        do throws(HTTPClientError) {
            try wire.establish(tls, serverName: isNumeric ? nil : endpoint.host, until: deadline)
        } catch {
            drop(wire)
            throw error
        }
        return wire
    }

    private func register(_ socket: ClientSocket) throws(HTTPClientError) -> (tls: ClientTLS?, edition: UInt64) {
        let found = state.withLock { state -> (tls: ClientTLS?, edition: UInt64)? in
            guard !state.isClosed else { return nil }
            state.busy[ObjectIdentifier(socket)] = socket
            return (state.tls, state.edition)
        }
        guard let found else { throw closed }
        return found
    }

    /// A kept connection that still is one.
    private func takeIdle() throws(HTTPClientError) -> ClientWire? {
        while true {
            let (wire, isClosed) = state.withLock { state in
                let wire = state.idle.popLast()
                if let wire { state.busy[ObjectIdentifier(wire.socket)] = wire.socket }
                return (wire, state.isClosed)
            }
            if isClosed { throw closed }
            guard let wire else { return nil }
            if !Deadline.hasPassed(settings.idleTime, since: wire.idleSince), wire.isQuiet { return wire }
            drop(wire)
        }
    }

    private func keep(_ wire: ClientWire) {
        wire.idleSince = Deadline.now
        let isKept = state.withLock { state in
            state.busy[ObjectIdentifier(wire.socket)] = nil
            let isFit = !state.isClosed && wire.edition == state.edition && state.idle.count < settings.maximumIdle
            if isFit { state.idle.append(wire) }
            return isFit
        }
        if !isKept { wire.socket.close() }
    }

    private func drop(_ wire: ClientWire) {
        forget(wire.socket)
        wire.socket.close()
    }

    private func forget(_ socket: ClientSocket) {
        state.withLock { $0.busy[ObjectIdentifier(socket)] = nil }
    }

    private var closed: HTTPClientError {
        HTTPClientError(.cancelled, "\(endpoint): the client was closed")
    }

    private static let errorBody = 64 * 1024
}
