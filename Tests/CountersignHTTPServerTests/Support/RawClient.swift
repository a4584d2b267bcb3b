import CountersignTransport
import Glibc

/// A client that sends exactly the bytes it is told to, and waits in bounds for what comes.
final class RawClient {
    struct Closed: Error {}
    struct TimedOut: Error {
        let received: String
    }

    private let descriptor: Int32
    private var received: [UInt8] = []

    /// - Parameter receiveBuffer: the socket's buffer in bytes; small ones make a reader slow.
    init(_ address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let status = address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
        guard status == 0 else { throw SystemError(action: "connect to \(address)") }
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Waits, without taking any byte, until the server has reset the connection.
    func isResetWithoutReading() -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(0), revents: 0)
        return Glibc.poll(&poll, 1, 10_000) > 0 && Int32(poll.revents) & Int32(POLLERR | POLLHUP) != 0
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// Gives up when the server has not taken anything for ten seconds.
    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func endWriting() {
        Socket.shutdownWriting(descriptor)
    }

    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Everything through the first occurrence of `mark`.
    func read(through mark: String) throws -> String {
        let wanted = Array(mark.utf8)
        while true {
            if let end = Self.end(of: wanted, in: received) {
                defer { received.removeFirst(end) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard try receive() else { throw Closed() }
        }
    }

    /// A response with a Content-Length, or without content.
    func readResponse(isHead: Bool = false) throws -> (head: String, body: String) {
        let head = try read(through: "\r\n\r\n")
        let field = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let length = isHead ? 0 : field.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        while received.count < length {
            guard try receive() else { throw Closed() }
        }
        defer { received.removeFirst(length) }
        return (head, String(decoding: received[..<length], as: UTF8.self))
    }

    /// Everything until the server closes, or `nil` when it resets.
    func readToEnd() throws -> String? {
        do {
            while try receive() {}
        } catch is Closed {
            return nil
        }
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    private func receive() throws -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, 10_000) > 0 else {
            throw TimedOut(received: String(decoding: received, as: UTF8.self))
        }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Closed() }
        received += buffer[..<count]
        return count > 0
    }

    private static func end(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        for start in 0...(bytes.count - mark.count) where bytes[start..<(start + mark.count)].elementsEqual(mark) {
            return start + mark.count
        }
        return nil
    }
}
