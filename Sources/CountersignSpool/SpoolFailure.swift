package import CountersignTransport

/// Why a record was not put into a spool.
package enum SpoolFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The records that wait take all the bytes that they may.
    case full
    /// The payload is empty, or larger than a record may be.
    case unfit
    /// The file system refused, as with a full disk.
    case system(SystemError)

    /// The reason in words.
    package var description: String {
        switch self {
        case .full: "the spool is full"
        case .unfit: "the record is empty or too large"
        case .system(let error): error.description
        }
    }
}
