import CNIOBoringSSL
import Glibc

/// Why the load, or one exchange of it, failed.
struct LoadError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    static func system(_ call: String) -> LoadError {
        LoadError("\(call): \(String(cString: strerror(errno)))")
    }

    /// The first entry of BoringSSL's error queue, which is emptied.
    static func tls(_ action: String) -> LoadError {
        let code = ERR_get_error()
        ERR_clear_error()
        var buffer = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &buffer, buffer.count)
        let reason = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return LoadError("\(action): \(code == 0 ? "connection closed" : String(decoding: reason, as: UTF8.self))")
    }
}
