import CountersignTransport

/// The listening socket of a ``PlainHTTPServer`` and the connections that it accepted.
final class PlainListener: ReadinessHandler {
    let loop: EventLoop
    let handler: PlainHTTPServer.Handler
    private let descriptor: Int32
    private var token = HandlerToken.none
    private var connections: [ObjectIdentifier: PlainConnection] = [:]

    init(loop: EventLoop, descriptor: Int32, handler: @escaping PlainHTTPServer.Handler) {
        self.loop = loop
        self.descriptor = descriptor
        self.handler = handler
    }

    func start() -> Bool {
        guard let token = loop.addListener(descriptor, self) else { return false }
        self.token = token
        return true
    }

    func ready(_ readiness: Readiness) {
        while case .connection(let fd, _) = Socket.accept(on: descriptor) {
            guard connections.count < PlainHTTPServer.maximumConnections else {
                Socket.abort(fd)
                continue
            }
            let connection = PlainConnection(listener: self, descriptor: fd)
            if connection.start() { connections[ObjectIdentifier(connection)] = connection } else { Socket.close(fd) }
        }
    }

    func deadlinePassed() {}

    func closed(_ connection: PlainConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    func close() {
        loop.remove(token)
        Socket.close(descriptor)
        for connection in connections.values { connection.close() }
    }
}
