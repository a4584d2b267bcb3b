package import CountersignTransport

/// A small HTTP/1.1 server without TLS for surfaces that are not the data plane: health, metrics, sample services.
///
/// One thread serves all connections; handlers run on it and must not block. Requests are read whole, in bounds.
package final class PlainHTTPServer: Sendable {
    package typealias Handler = @Sendable (PlainRequest) -> PlainResponse

    /// The largest request content that is read; a larger one is answered with 413.
    package static let maximumBody = 1024 * 1024
    static let maximumConnections = 512
    static let idleTime = Duration.seconds(30)

    /// The address that is listened on, with the port that the system chose for port 0.
    package let address: SocketAddress
    private let thread: EventLoopThread

    /// Binds the address and starts to serve.
    ///
    /// The thread gets `name`, for the system's tools.
    ///
    /// - Throws: `SystemError` that names the address.
    package init(name: String, listen: SocketAddress, handler: @escaping Handler) throws {
        let descriptor = try Socket.listen(on: listen, shared: false)
        self.address = Socket.localAddress(of: descriptor) ?? listen
        self.thread = try EventLoopThread(name: name, index: 0) { loop in
            let listener = PlainListener(loop: loop, descriptor: descriptor, handler: handler)
            guard listener.start() else { throw SystemError(action: "watch the listening socket of \(name)") }
            loop.context = listener
        }
    }

    /// Closes the listener and all connections, and ends the thread.
    package func stop() {
        thread.mailbox.send { loop in
            (loop.context as? PlainListener)?.close()
            loop.stop()
        }
        thread.join()
    }
}
