import CNIOBoringSSL
import Glibc

/// A TLS session over a socket that never waits.
final class TLSSocket: LoadSocket {
    let descriptor: Int32
    private let session: OpaquePointer

    init(plan: LoadPlan, serverName: String, tls: ClientTLS) throws {
        descriptor = try plan.address.connect()
        do {
            session = try tls.session(over: descriptor, serverName: serverName)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    var wasResumed: Bool { SSL_session_reused(session) == 1 }

    /// Version, cipher suite and group.
    var negotiated: String {
        let cipher = SSL_get_current_cipher(session).map { String(cString: SSL_CIPHER_standard_name($0)) } ?? "none"
        let group = SSL_get_group_name(SSL_get_group_id(session)).map { String(cString: $0) } ?? "none"
        return "\(String(cString: SSL_get_version(session))) \(cipher) \(group)"
    }

    var applicationProtocol: String {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &name, &count)
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    func handshake() throws -> Bool {
        try finished(SSL_do_handshake(session), "handshake")
    }

    func write(_ bytes: [UInt8], from offset: Int) throws -> Int? {
        let written = bytes.withUnsafeBytes { all in
            SSL_write(session, all.baseAddress?.advanced(by: offset), Int32(all.count - offset))
        }
        return try finished(written, "write") ? Int(written) : nil
    }

    func read(into buffer: UnsafeMutableBufferPointer<UInt8>) throws -> UnsafeBufferPointer<UInt8>? {
        let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
        return try finished(count, "read") ? UnsafeBufferPointer(rebasing: buffer[..<Int(count)]) : nil
    }

    func close() {
        ERR_clear_error()
        SSL_shutdown(session)
        SSL_free(session)
        Glibc.close(descriptor)
    }

    private func finished(_ status: Int32, _ action: String) throws -> Bool {
        if status > 0 { return true }
        switch SSL_get_error(session, status) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return false
        case SSL_ERROR_ZERO_RETURN: throw LoadError("\(action): the server closed the connection")
        default: throw LoadError.tls(action)
        }
    }
}
