import CountersignFiles
import CountersignPKI
import CountersignTransport
import Glibc

/// The files that an identity is made of.
enum ServiceFile {
    /// To whom, beside its owner, the file of a private key may be open.
    enum KeyReaders {
        case nobody, group, anybody

        /// The permissions that the file must not give.
        fileprivate var forbidden: mode_t {
            switch self {
            case .nobody: 0o077
            case .group: 0o007
            case .anybody: 0
            }
        }
    }

    /// Reads a file.
    ///
    /// - Throws: ``ServiceIdentityError`` with `file`.
    static func read(
        _ path: String,
        maximumBytes: Int = PEMDocuments.maximumSize
    ) throws(ServiceIdentityError) -> [UInt8] {
        try snapshot(path, maximumBytes).bytes
    }

    /// Reads a file that need not be there; nil without it.
    ///
    /// - Throws: ``ServiceIdentityError`` with `file`.
    static func readIfThere(_ path: String, maximumBytes: Int) throws(ServiceIdentityError) -> [UInt8]? {
        do throws(SystemError) {
            return try FileContent.read(path, maximumBytes: maximumBytes).bytes
        } catch {
            if error.code == ENOENT { return nil }
            throw ServiceIdentityError(.file, error.description)
        }
    }

    /// Reads the file of a private key.
    ///
    /// - Parameter open: who beside its owner may read it.
    /// - Throws: ``ServiceIdentityError`` with `file`, also when others may read it.
    static func readKey(_ path: String, open: KeyReaders) throws(ServiceIdentityError) -> [UInt8] {
        let file = try snapshot(path, PEMDocuments.maximumSize)
        guard file.permissions & open.forbidden == 0 else {
            let mode = String(file.permissions, radix: 8)
            throw ServiceIdentityError(
                .file,
                "the private key \(path) is open to others than its owner (mode 0\(mode)); chmod 600 mends it"
            )
        }
        return file.bytes
    }

    private static func snapshot(
        _ path: String,
        _ maximumBytes: Int
    ) throws(ServiceIdentityError) -> FileContent.Snapshot {
        do throws(SystemError) {
            return try FileContent.read(path, maximumBytes: maximumBytes)
        } catch {
            throw ServiceIdentityError(.file, error.description)
        }
    }
}
