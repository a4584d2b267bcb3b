import CountersignAuthority
import CountersignFiles
import CountersignTransport
import Glibc

/// The file that the signing keys of tokens are kept in, readable by its owner alone.
struct TokenKeyFile: TokenKeyKeeping {
    /// Where it is.
    let path: String

    /// What is in the file; nil when there is none.
    ///
    /// - Throws: `SystemError`, with `EACCES` when others may read it, too.
    func load() throws -> [UInt8]? {
        AtomicFile.removeLeftovers(of: path)
        do throws(SystemError) {
            let file = try FileContent.read(path, maximumBytes: Self.maximumSize)
            guard file.permissions & 0o077 == 0 else {
                throw SystemError(action: "use \(path), which others may read: chmod 600 it,", code: EACCES)
            }
            return file.bytes
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }

    func save(_ content: [UInt8]) throws {
        try AtomicFile.write(content, to: path, mode: 0o600)
    }

    private static let maximumSize = 1_024 * 1_024
}
