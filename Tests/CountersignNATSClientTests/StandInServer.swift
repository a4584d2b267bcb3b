import CountersignNATSClient
import CountersignTransport
import Glibc
import Synchronization

/// A server of the bus that follows a script, one connection after the other.
final class StandInServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let connections = Mutex<[Int32]>([])
    /// What clients have sent, a line at a time.
    let heard = Box<String>()
    /// Each connection as it comes.
    let accepted = Box<Int>()

    /// Greets each client with `info` and answers PING where `answersPings`.
    init(info: String = "{}", answersPings: Bool = true) throws {
        guard let address = SocketAddress(numericHost: "127.0.0.1", port: 0) else { throw Missing() }
        listener = try Socket.listen(on: address, shared: false)
        port = Socket.localAddress(of: listener)?.port ?? 0
        let listener = self.listener
        _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) & ~O_NONBLOCK)
        let (heard, accepted) = (self.heard, self.accepted)
        try spawn(name: "stand-in") { [weak self] in
            var count = 0
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                count += 1
                self?.connections.withLock { $0.append(descriptor) }
                accepted.put(count)
                Self.write(descriptor, "INFO \(info)\r\n")
                try? spawn(name: "stand-in") { Self.talk(descriptor, heard, answersPings) }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for descriptor in connections.withLock({ $0 }) { close(descriptor) }
    }

    /// Says something to the client that came last.
    func say(_ text: String) {
        if let last = connections.withLock({ $0.last }) { Self.write(last, text) }
    }

    /// Ends the connection of the client that came last.
    func hangUp() {
        if let last = connections.withLock({ $0.last }) { shutdown(last, Int32(SHUT_RDWR)) }
    }

    var server: NATSClientSettings.Server { NATSClientSettings.Server(host: "127.0.0.1", port: port, tls: nil) }

    private static func talk(_ descriptor: Int32, _ heard: Box<String>, _ answersPings: Bool) {
        var buffer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return }
            buffer += chunk[0..<count]
            while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffer[..<end].dropLast(), as: UTF8.self)
                buffer.removeFirst(end + 1)
                if line == "PING", answersPings { write(descriptor, "PONG\r\n") }
                heard.put(line)
            }
        }
    }

    private static func write(_ descriptor: Int32, _ text: String) {
        let bytes = Array(text.utf8)
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

struct Missing: Error {}

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
        guard semaphore.wait(upTo: .seconds(10)) else { throw Missing() }
        guard let value = items.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) else { throw Missing() }
        return value
    }

    var isEmpty: Bool { items.withLock { $0.isEmpty } }

    /// The first item from here on that is wanted.
    func take(where isWanted: (Value) -> Bool) throws -> Value {
        while true {
            let value = try take()
            if isWanted(value) { return value }
        }
    }
}
