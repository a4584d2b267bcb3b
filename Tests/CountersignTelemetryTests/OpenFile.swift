import Glibc

/// A temporary file that is open for writing.
final class OpenFile {
    let descriptor: Int32
    private let file = TemporaryFile()

    init() {
        self.descriptor = open(self.file.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    }

    deinit {
        close(self.descriptor)
    }

    var text: String { self.file.text }
}
