import CountersignNATSClient
import CountersignTransport
import Glibc
import Synchronization

/// A server of the bus that follows a script, one connection after the other.
final class StandInServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let connections = OpenConnections()
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
        let (heard, accepted, connections) = (self.heard, self.accepted, self.connections)
        // Each thread closes what it reads from, and nobody else does: the number of a closed one is soon another's.
        try spawn(name: "stand-in") {
            defer { close(listener) }
            var count = 0
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                count += 1
                connections.add(descriptor)
                accepted.put(count)
                write(descriptor, "INFO \(info)\r\n")
                try? spawn(name: "stand-in") {
                    Self.talk(descriptor, heard, answersPings)
                    connections.close(descriptor)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        connections.end()
    }

    /// Says something to the client that came last.
    func say(_ text: String) { connections.withLast { write($0, text) } }

    /// Ends the connection of the client that came last.
    func hangUp() { connections.withLast { shutdown($0, Int32(SHUT_RDWR)) } }

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
}

private func write(_ descriptor: Int32, _ text: String) {
    let bytes = Array(text.utf8)
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
}

/// The connections of a server that are open, in the order in which they came.
private final class OpenConnections: Sendable {
    private let state = Mutex((open: [Int32](), hasEnded: false))

    func add(_ descriptor: Int32) {
        state.withLock { state in
            state.open.append(descriptor)
            if state.hasEnded { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func withLast(_ body: (Int32) -> Void) {
        state.withLock { if let last = $0.open.last { body(last) } }
    }

    /// Closes one, which nobody else may use any more.
    func close(_ descriptor: Int32) {
        state.withLock { state in
            state.open.removeAll { $0 == descriptor }
            Glibc.close(descriptor)
        }
    }

    /// Ends all, and those that are still to come.
    func end() {
        state.withLock { state in
            state.hasEnded = true
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
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
        guard semaphore.wait(upTo: .seconds(60)) else { throw Missing() }
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
