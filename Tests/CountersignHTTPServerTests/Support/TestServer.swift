import CountersignHTTPClient
import CountersignHTTPServer
import CountersignTransport
import Synchronization

/// Loopback with a port that the system chooses.
func loopback() throws -> SocketAddress {
    guard let address = SocketAddress(numericHost: "127.0.0.1", port: 0) else { throw RawClient.Closed() }
    return address
}

/// What a test's threads hand each other.
final class Box<Value: Sendable>: Sendable {
    private let items = Mutex<[Value]>([])
    private let semaphore = SystemSemaphore()

    func put(_ value: Value) {
        items.withLock { $0.append(value) }
        semaphore.signal()
    }

    /// The oldest item, waited for in bounds.
    func take() throws -> Value {
        guard semaphore.wait(upTo: .seconds(60)) else { throw RawClient.TimedOut(received: "nothing") }
        guard let value = items.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { throw RawClient.Closed() }
        return value
    }

    var count: Int { items.withLock { $0.count } }
}

/// A request that waits for its answer.
struct Pending: Sendable {
    let request: ServerRequest
    let responder: Responder
}

extension HTTPServer {
    /// A server that puts every request into a box.
    static func boxed(
        _ box: Box<Pending>,
        tls: ServerTLS? = nil,
        settings: HTTPServerSettings = HTTPServerSettings()
    ) throws -> HTTPServer {
        try HTTPServer(name: "test", listen: try loopback(), tls: tls, settings: settings) { request, responder in
            box.put(Pending(request: request, responder: responder))
        }
    }

    /// A server that answers with the method, the path and the content.
    static func echo(
        tls: ServerTLS? = nil,
        settings: HTTPServerSettings = HTTPServerSettings()
    ) throws -> HTTPServer {
        try HTTPServer(name: "test", listen: try loopback(), tls: tls, settings: settings, answer: Self.echoAnswer)
    }

    @Sendable private static func echoAnswer(_ request: ServerRequest) -> ServerResponse {
        let content = String(decoding: request.body, as: UTF8.self)
        return .text(200, "\(request.methodText) \(request.path) \(request.query) \(content)")
    }

    var endpoint: HTTPEndpoint { HTTPEndpoint(host: "127.0.0.1", port: address.port) }
}

/// Runs what blocks on a thread of its own.
func onThread(_ body: @escaping @Sendable () -> Void) throws {
    try spawn(name: "test", body)
}
