import CountersignConfiguration
import CountersignPKI
import Synchronization

/// Reads files for one load of a configuration, and keeps in mind which ones and, as a digest, what they held.
///
/// A file that cannot be read counts too: its appearance changes the outcome.
final class RecordingFileReader: ConfigurationFileReader {
    private struct Record {
        var paths: [String] = []
        var digest = ContentDigest()
    }

    private let base: any ConfigurationFileReader
    private let record = Mutex(Record())

    /// - Parameter base: reads the files.
    init(base: any ConfigurationFileReader = SystemFileReader()) {
        self.base = base
    }

    /// The files in the order in which they were asked for, each once.
    var paths: [String] { record.withLock { $0.paths } }

    /// What was found, or why nothing was, as one digest.
    var digest: [UInt8] { record.withLock { $0.digest.bytes } }

    func read(_ path: String, maximumBytes: Int) throws(FileReadError) -> FileContents {
        do throws(FileReadError) {
            let contents = try base.read(path, maximumBytes: maximumBytes)
            note(path, "\(contents.permissions)", contents.bytes)
            return contents
        } catch {
            note(path, error.description, [])
            throw error
        }
    }

    private func note(_ path: String, _ state: String, _ bytes: [UInt8]) {
        record.withLock { record in
            if !record.paths.contains(path) { record.paths.append(path) }
            record.digest.add(path.utf8)
            record.digest.add(state.utf8)
            record.digest.add(bytes)
        }
    }
}
