package import CountersignTransport

/// A small HTTP/1.1 server, plain or over TLS, for surfaces that are not the data plane: health, metrics, APIs.
///
/// Handlers run on the event loop and must not block: slow work goes to another thread, which keeps the ``Responder``
/// and answers whenever it is done. Requests are read whole, in bounds; pipelined ones are answered in their order.
package final class HTTPServer: Sendable {
    /// Takes a request and the right to answer it.
    package typealias Handler = @Sendable (ServerRequest, Responder) -> Void
    /// Answers a request at once.
    package typealias Answer = @Sendable (ServerRequest) -> ServerResponse

    /// The address that is listened on, with the port that the system chose for port 0.
    package let address: SocketAddress
    private let threads: [EventLoopThread]

    /// Binds the address and starts to serve.
    ///
    /// - Parameters:
    ///   - name: the threads' name, for the system's tools.
    ///   - listen: the address; port 0 has the system choose one.
    ///   - tls: without it, connections are not encrypted.
    ///   - settings: bounds and times.
    ///   - handler: runs on the event loops, one call at a time on each.
    /// - Throws: `SystemError` that names the address.
    package init(
        name: String,
        listen: SocketAddress,
        tls: ServerTLS? = nil,
        settings: HTTPServerSettings = HTTPServerSettings(),
        handler: @escaping Handler
    ) throws {
        let plan = ServerPlan(settings: settings, tls: tls, handler: handler)
        let sockets = try Self.listen(on: listen, count: max(1, settings.threads))
        self.address = Socket.localAddress(of: sockets[0]) ?? listen
        var threads: [EventLoopThread] = []
        for (index, descriptor) in sockets.enumerated() {
            do {
                threads.append(try Self.start(name: name, index: index, descriptor: descriptor, plan: plan))
            } catch {
                for unused in sockets[index...] { Socket.close(unused) }
                Self.stop(threads, grace: 0)
                throw error
            }
        }
        self.threads = threads
    }

    /// Binds the address and serves what a function answers at once.
    ///
    /// - Throws: `SystemError` that names the address.
    package convenience init(
        name: String,
        listen: SocketAddress,
        tls: ServerTLS? = nil,
        settings: HTTPServerSettings = HTTPServerSettings(),
        answer: @escaping Answer
    ) throws {
        try self.init(name: name, listen: listen, tls: tls, settings: settings) { request, responder in
            responder.answer(answer(request))
        }
    }

    /// Binds the address and serves the routes of a router.
    ///
    /// - Throws: `SystemError` that names the address.
    package convenience init(
        name: String,
        listen: SocketAddress,
        tls: ServerTLS? = nil,
        settings: HTTPServerSettings = HTTPServerSettings(),
        router: RequestRouter
    ) throws {
        try self.init(name: name, listen: listen, tls: tls, settings: settings) { request, responder in
            router.handle(request, responder)
        }
    }

    deinit {
        for thread in threads { Self.send(to: thread) { $0.stop(grace: 0) } }
    }

    /// Closes everything and ends the threads; not to be called by a handler, which it would wait for.
    package func stop() {
        Self.stop(threads, grace: 0)
    }

    /// Takes no new connections or requests, lets those in hand be answered, ends streams, and ends the threads.
    ///
    /// - Parameter time: what is not done by then is cut. The call returns when all is done.
    package func stop(within time: Duration) {
        Self.stop(threads, grace: ServerTimes.nanoseconds(time))
    }

    /// Judges the clients of all open connections again, after trust or revocation lists were replaced.
    ///
    /// Connections of clients that are no longer accepted are cut, streams among them. Without this call they end at
    /// their next request.
    package func recheckPeers() {
        for thread in threads { Self.send(to: thread) { $0.recheckPeers() } }
    }

    private static func listen(on address: SocketAddress, count: Int) throws(SystemError) -> [Int32] {
        guard count > 1 else { return [try Socket.listen(on: address, shared: false)] }
        try Socket.checkFree(address)
        var sockets: [Int32] = []
        var bound = address
        do {
            for _ in 0..<count {
                sockets.append(try Socket.listen(on: bound, shared: true))
                bound = Socket.localAddress(of: sockets[0]) ?? address
            }
        } catch {
            for descriptor in sockets { Socket.close(descriptor) }
            throw error
        }
        return sockets
    }

    private static func start(
        name: String,
        index: Int,
        descriptor: Int32,
        plan: ServerPlan
    ) throws -> EventLoopThread {
        try EventLoopThread(name: name, index: index) { loop in
            let listener = ServerListener(loop: loop, descriptor: descriptor, plan: plan)
            guard listener.start() else { throw SystemError(action: "watch the listening socket of \(name)") }
            loop.context = listener
        }
    }

    private static func stop(_ threads: [EventLoopThread], grace: UInt64) {
        for thread in threads { send(to: thread) { $0.stop(grace: grace) } }
        for thread in threads { thread.join() }
    }

    private static func send(to thread: EventLoopThread, _ work: @escaping @Sendable (ServerListener) -> Void) {
        thread.mailbox.send { loop in
            if let listener = loop.context as? ServerListener { work(listener) }
        }
    }
}
