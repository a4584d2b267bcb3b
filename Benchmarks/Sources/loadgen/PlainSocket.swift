import Glibc

/// A socket without TLS: shows what the generator and a backend reach by themselves.
final class PlainSocket: LoadSocket {
    let descriptor: Int32

    init(plan: LoadPlan) throws {
        descriptor = try plan.address.connect()
    }

    var wasResumed: Bool { false }
    var negotiated: String { "none" }
    var applicationProtocol: String { "" }

    func handshake() throws -> Bool { true }

    func write(_ bytes: [UInt8], from offset: Int) throws -> Int? {
        let count = bytes.withUnsafeBytes { all in
            send(descriptor, all.baseAddress?.advanced(by: offset), all.count - offset, Int32(MSG_NOSIGNAL))
        }
        return try taken(count, "send")
    }

    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws -> UnsafeBufferPointer<UInt8>? {
        guard let count = try taken(recv(descriptor, buffer.baseAddress, buffer.count, 0), "receive") else {
            return nil
        }
        guard count > 0 else { throw LoadError("receive: the server closed the connection") }
        return UnsafeBufferPointer(rebasing: buffer[..<count])
    }

    func close() {
        Glibc.close(descriptor)
    }

    private func taken(_ count: Int, _ action: String) throws -> Int? {
        if count >= 0 { return count }
        guard errno == EAGAIN else { throw LoadError.system(action) }
        return nil
    }
}
