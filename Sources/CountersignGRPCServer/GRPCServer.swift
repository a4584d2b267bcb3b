package import CountersignTransport

/// A server of gRPC over HTTP/2 without TLS, for callers of the same host: on a Unix socket, or on a loopback address.
///
/// It has one thread. Methods must not block it: slow work goes to another thread, which keeps the ``GRPCCall``. Messages are
/// bytes: what is in them is for the method.
package final class GRPCServer: Sendable {
    /// Where a server listens.
    package enum Endpoint: Sendable {
        /// A Unix socket at a path; `mode` says who may connect, as the rights of a file.
        case local(path: String, mode: UInt32)
        /// An address; port 0 has the system choose one.
        case network(SocketAddress)
    }

    /// What is listened on, with the port that the system chose.
    package let address: SocketAddress
    private let localPath: String?
    private let thread: EventLoopThread

    /// Binds the address and starts to serve.
    ///
    /// - Parameters:
    ///   - name: the thread's name, for the system's tools.
    ///   - endpoint: where to listen.
    ///   - settings: bounds and times.
    ///   - methods: what can be called.
    /// - Throws: `SystemError` that names the address.
    package init(
        name: String,
        endpoint: Endpoint,
        settings: GRPCServerSettings = GRPCServerSettings(),
        methods: GRPCMethods
    ) throws {
        let descriptor: Int32
        switch endpoint {
        case .local(let path, let mode):
            descriptor = try LocalSocket.listen(at: path, mode: mode)
            self.localPath = path
        case .network(let address):
            descriptor = try Socket.listen(on: address, shared: false)
            self.localPath = nil
        }
        guard let address = Socket.localAddress(of: descriptor) else {
            throw SystemError(action: "find out what \(name) listens on")
        }
        self.address = address
        self.thread = try EventLoopThread(name: name, index: 0) { loop in
            let listener = GRPCListener(loop: loop, methods: methods, settings: settings)
            guard listener.start(descriptor) else { throw SystemError(action: "watch the listening socket of \(name)") }
            loop.context = listener
        }
    }

    deinit {
        thread.mailbox.send { ($0.context as? GRPCListener)?.stop(grace: 0) }
    }

    /// Closes everything and ends the thread; not to be called by a method, which it would wait for.
    package func stop() {
        stop(within: .zero)
    }

    /// Takes no new connections or calls, lets those in hand be answered, and ends the thread.
    ///
    /// - Parameter time: what is not done by then is cut. The call returns when all is done.
    package func stop(within time: Duration) {
        let grace = time.nanoseconds
        thread.mailbox.send { ($0.context as? GRPCListener)?.stop(grace: grace) }
        thread.join()
        if let localPath { LocalSocket.remove(localPath) }
    }
}
