import Glibc

/// A path in the temporary folder that nothing stands at, removed with whatever stands there at the end.
final class TemporaryFile {
    let path: String

    init() {
        var template = Array("/tmp/countersign-telemetry-XXXXXX".utf8CString)
        close(mkstemp(&template))
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        unlink(self.path)
    }

    deinit {
        unlink(self.path)
    }

    var exists: Bool { access(self.path, F_OK) == 0 }

    var bytes: [UInt8] {
        let descriptor = open(self.path, O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return TestPipe.readAll(descriptor)
    }

    var text: String { String(decoding: self.bytes, as: UTF8.self) }

    var mode: UInt32 {
        var status = stat()
        return stat(self.path, &status) == 0 ? status.st_mode & 0o777 : 0
    }
}
