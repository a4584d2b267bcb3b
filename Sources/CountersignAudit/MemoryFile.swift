import CCountersignSystem
import Glibc

/// A file that is nowhere but in memory, with a path for libraries that take nothing else; gone with its owner.
final class MemoryFile: Sendable {
    private let descriptor: Int32

    /// Where this process finds the file.
    var path: String { "/proc/self/fd/\(descriptor)" }

    /// Makes a file; nil when the system does not let it.
    init?(_ text: String) {
        let descriptor = countersign_memory_file()
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        let bytes = Array(text.utf8)
        guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else { return nil }
    }

    deinit {
        close(descriptor)
    }
}
