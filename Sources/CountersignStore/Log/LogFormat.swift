import Crypto

/// The layout of the issuance log: a header, then frames, each one group of changes.
///
/// A frame is a header of 24 bytes (magic, length of the content, number of the frame, number of entries, check), the
/// content, and the SHA-256 of the previous hash, the header and the content. Integers are big-endian.
enum LogFormat {
    /// The first bytes of a log, the version of the layout last.
    static let magic = Array("countersign log\n".utf8) + [0, 0, 0, 1]
    /// The bytes of the random number that tells one log from another.
    static let identifierLength = 16
    /// The bytes of a hash.
    static let hashLength = 32
    /// The bytes of a log's header.
    static let headerLength = magic.count + identifierLength
    /// The first bytes of a frame: `CSF1`.
    static let frameMagic: UInt32 = 0x4353_4631
    /// The bytes before the content of a frame.
    static let frameHeaderLength = 24
    /// The most bytes of content of one frame.
    static let maximumContent = 256 << 20
    /// The most bytes of one frame.
    static let maximumFrame = Int64(frameHeaderLength + maximumContent + hashLength)

    /// The place of the first frame of the log with this identifier.
    static func start(identifier: [UInt8]) -> LogPosition {
        let header = magic + identifier
        return LogPosition(offset: Int64(header.count), frame: 0, hash: Array(SHA256.hash(data: header)))
    }

    /// The hash that ends a frame.
    ///
    /// - Parameter frame: Its header and content.
    static func hash(after previous: [UInt8], frame: ArraySlice<UInt8>) -> [UInt8] {
        var hasher = SHA256()
        hasher.update(data: previous)
        hasher.update(data: frame)
        return Array(hasher.finalize())
    }
}
