import Glibc

/// The terminal, as people and pipes see it.
package enum Console {
    /// Prints to standard output at once.
    package static func print(_ text: String) {
        write(text + "\n", to: 1)
    }

    /// Prints to standard error.
    package static func complain(_ text: String) {
        write(text + "\n", to: 2)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
