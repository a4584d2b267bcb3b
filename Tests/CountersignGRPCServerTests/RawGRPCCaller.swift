import CountersignTransport
import Glibc

/// A caller that sends the frames it is told to and takes no content, over a Unix socket.
final class RawGRPCCaller {
    struct Closed: Error {}

    private let descriptor: Int32
    private var received: [UInt8] = []
    private var lastStream: UInt8 = 1

    init(_ address: SocketAddress) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let status = address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
        guard status == 0 else { throw SystemError(action: "connect to \(address)") }
        // Its windows take nothing (SETTINGS_INITIAL_WINDOW_SIZE).
        send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.frame(4, 0, 0, [0, 4, 0, 0, 0, 0]))
    }

    deinit {
        close(descriptor)
    }

    /// Begins a call, and sends an empty message when it is to be whole.
    func call(_ path: String, isWhole: Bool = true) {
        var head: [UInt8] = [0x83, 0x86, 0x04, UInt8(path.utf8.count)] + Array(path.utf8)
        head += [0x0f, 0x10, 16] + Array("application/grpc".utf8)
        head += [0x00, 2] + Array("te".utf8) + [8] + Array("trailers".utf8)
        var frames = Self.frame(1, 4, lastStream, head)
        if isWhole { frames += Self.frame(0, 1, lastStream, [0, 0, 0, 0, 0]) }
        send(frames)
        lastStream += 2
    }

    /// Waits for the next head or trailers.
    ///
    /// - Returns: whether they are the end of the call.
    func readFields() throws -> Bool {
        while true {
            let (type, flags) = try readFrame()
            if type == 1 { return flags & 1 != 0 }
        }
    }

    /// Waits until the server has read what was said first.
    func waitUntilHeard() throws {
        while try readFrame() != (4, 1) {}
    }

    private func readFrame() throws -> (type: UInt8, flags: UInt8) {
        while true {
            if received.count >= 9 {
                let length = Int(received[0]) << 16 | Int(received[1]) << 8 | Int(received[2])
                if received.count >= 9 + length {
                    defer { received.removeFirst(9 + length) }
                    return (received[3], received[4])
                }
            }
            var buffer = [UInt8](repeating: 0, count: 16 * 1024)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw Closed() }
            received += buffer[..<count]
        }
    }

    private func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ content: [UInt8]) -> [UInt8] {
        [0, 0, UInt8(content.count), type, flags, 0, 0, 0, stream] + content
    }
}
