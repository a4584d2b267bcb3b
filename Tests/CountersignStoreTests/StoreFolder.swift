import CountersignIssuance
import CountersignStore
import Glibc
import Testing

/// A folder of its own for the files of one store, removed with everything in it at the end.
final class StoreFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/countersign-store-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in self.names { unlink("\(self.path)/\(name)") }
        rmdir(self.path)
    }

    var database: String { "\(self.path)/inventory.db" }
    var log: String { self.database + ".log" }

    /// The names of the files in it.
    var names: [String] {
        guard let folder = opendir(self.path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Opens the store in it.
    func open(_ change: (inout SQLiteStoreOptions) -> Void = { _ in }) throws(StoreError) -> SQLiteStore {
        var options = SQLiteStoreOptions()
        options.now = { 1_800_000_000 }
        change(&options)
        return try SQLiteStore(path: self.database, options: options)
    }

    /// Copies the files of the store to another folder, as a crash at this moment would leave them.
    func copyStore(to other: StoreFolder) {
        for suffix in ["", "-wal", ".log"] {
            guard let bytes = Self.bytes(self.database + suffix) else { continue }
            Self.write(bytes, to: other.database + suffix)
        }
    }

    static func bytes(_ path: String) -> [UInt8]? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
    }

    static func write(_ bytes: [UInt8], to path: String) {
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        _ = Glibc.write(descriptor, bytes, bytes.count)
        Glibc.close(descriptor)
    }

    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : -1
    }

    static func mode(_ path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }
}
