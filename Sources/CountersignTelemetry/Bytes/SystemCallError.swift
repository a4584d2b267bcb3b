import Glibc

/// A system call that failed.
package struct SystemCallError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call's name.
    package let call: String
    /// What `errno` was.
    package let number: Int32

    /// The call and the system's words for the error.
    package var description: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe strerror_r(self.number, &buffer, buffer.count) == 0 else {
            return "\(self.call): error \(self.number)"
        }
        let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(self.call): \(String(decoding: text, as: UTF8.self))"
    }
}
