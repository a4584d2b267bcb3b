import CountersignTransport

/// The listening socket of a ``PlainHTTPServer`` and the connections that it accepted.
final class PlainListener {
    let loop: EventLoop
    let handler: PlainHTTPServer.Handler
    private let descriptor: Int32
    private var acceptor: Acceptor?
    private var connections: [ObjectIdentifier: PlainConnection] = [:]

    init(loop: EventLoop, descriptor: Int32, handler: @escaping PlainHTTPServer.Handler) {
        self.loop = loop
        self.descriptor = descriptor
        self.handler = handler
    }

    func start() -> Bool {
        acceptor = Acceptor(loop: loop, descriptor: descriptor) { [unowned self] fd, _ in accept(fd) }
        return acceptor != nil
    }

    private func accept(_ fd: Int32) {
        guard connections.count < PlainHTTPServer.maximumConnections else {
            Socket.abort(fd)
            return
        }
        let connection = PlainConnection(listener: self, descriptor: fd)
        if connection.start() { connections[ObjectIdentifier(connection)] = connection } else { Socket.close(fd) }
    }

    func closed(_ connection: PlainConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    func close() {
        acceptor?.close()
        for connection in connections.values { connection.close() }
    }
}
