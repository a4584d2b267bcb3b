import Glibc

/// A system call that failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done, for example `bind to 127.0.0.1:8443`.
    package var action: String
    /// The value of `errno`.
    package var code: Int32

    package init(action: String, code: Int32 = errno) {
        self.action = action
        self.code = code
    }

    package var description: String {
        "cannot \(action): \(Self.text(of: code))"
    }

    /// The system's text for an error number.
    package static func text(of code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
