import CNIOBoringSSL
import Glibc

/// One connection: what it is in the middle of, and how far it got.
final class Connection {
    /// What a step of a connection led to.
    enum Progress {
        /// The socket has no more for now.
        case waiting
        /// The response is complete; the connection is free.
        case answered
    }

    private enum Phase {
        case handshaking
        case writing(offset: Int)
        case reading(ResponseReader)
        case free
    }

    let descriptor: Int32
    private(set) var isFree = false
    private let session: OpaquePointer
    private var phase = Phase.handshaking

    /// When the request in progress was due, for its latency.
    private(set) var startedAt: UInt64

    init(plan: LoadPlan, tls: ClientTLS, startedAt: UInt64) throws {
        self.startedAt = startedAt
        descriptor = try plan.address.connect()
        do {
            session = try tls.session(over: descriptor, serverName: plan.host)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    var wasResumed: Bool { SSL_session_reused(session) == 1 }

    /// The negotiated cipher suite and group, to show that every server did the same work.
    var negotiated: String {
        let cipher = SSL_get_current_cipher(session).map { String(cString: SSL_CIPHER_standard_name($0)) } ?? "none"
        let group = SSL_get_group_name(SSL_get_group_id(session)).map { String(cString: $0) } ?? "none"
        return "\(String(cString: SSL_get_version(session))) \(cipher) \(group)"
    }

    /// Sends the next request on a free connection.
    func start(at time: UInt64) {
        startedAt = time
        isFree = false
        phase = .writing(offset: 0)
    }

    /// Does what can be done without waiting.
    func advance(_ plan: LoadPlan, buffer: UnsafeMutableBufferPointer<UInt8>) throws -> Progress {
        while true {
            switch phase {
            case .handshaking:
                guard try finished(SSL_do_handshake(session), "handshake") else { return .waiting }
                phase = .writing(offset: 0)
            case .writing(let offset):
                guard let written = try write(plan.request.bytes, from: offset) else { return .waiting }
                let end = offset + written
                phase =
                    end == plan.request.bytes.count
                    ? .reading(ResponseReader(expectedBytes: plan.expectedBytes)) : .writing(offset: end)
            case .reading(var reader):
                phase = .free
                guard let bytes = try read(into: buffer) else {
                    phase = .reading(reader)
                    return .waiting
                }
                if try reader.consume(bytes) {
                    isFree = true
                    return .answered
                }
                phase = .reading(reader)
            case .free:
                guard try read(into: buffer) == nil else { throw LoadError("bytes that nothing asked for") }
                return .waiting
            }
        }
    }

    /// Says goodbye and closes, without waiting for the server to do the same.
    func close() {
        ERR_clear_error()
        SSL_shutdown(session)
        SSL_free(session)
        Glibc.close(descriptor)
    }

    private func write(_ bytes: [UInt8], from offset: Int) throws -> Int? {
        let written = bytes.withUnsafeBytes { all in
            SSL_write(session, all.baseAddress?.advanced(by: offset), Int32(all.count - offset))
        }
        return try finished(written, "write") ? Int(written) : nil
    }

    private func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws -> UnsafeBufferPointer<UInt8>? {
        let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
        return try finished(count, "read") ? UnsafeBufferPointer(rebasing: buffer[..<Int(count)]) : nil
    }

    /// Whether a call did something; when not, the socket has to become ready first.
    private func finished(_ status: Int32, _ action: String) throws -> Bool {
        if status > 0 { return true }
        switch SSL_get_error(session, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return false
        case SSL_ERROR_ZERO_RETURN: throw LoadError("\(action): the server closed the connection")
        default: throw LoadError.tls(action)
        }
    }
}
