import CNIOBoringSSL

/// A TLS context that cannot be made from what it was given.
package struct TLSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done.
    package var action: String
    /// The library's reason.
    package var reason: String

    package init(action: String, reason: String) {
        self.action = action
        self.reason = reason
    }

    package var description: String {
        "cannot \(action): \(reason)"
    }

    /// Takes the oldest error off the library's queue and forgets the rest.
    static func last(_ action: String) -> TLSError {
        let code = ERR_get_error()
        ERR_clear_error()
        return TLSError(action: action, reason: reasonText(of: code))
    }

    static func reasonText(of code: UInt32) -> String {
        guard code != 0, let text = unsafe ERR_reason_error_string(code) else { return "unknown reason" }
        return unsafe String(cString: text)
    }
}
