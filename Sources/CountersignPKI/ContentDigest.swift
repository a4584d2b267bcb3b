import Crypto

/// A SHA-256 digest over a sequence of parts, of which each counts with its length, so that parts cannot run together.
package struct ContentDigest: Sendable {
    private var hash = SHA256()

    /// The digest of no parts.
    package init() {}

    /// Adds a part.
    package mutating func add(_ part: some Collection<UInt8>) {
        let length = UInt64(part.count)
        hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) })
        hash.update(data: Array(part))
    }

    /// The 32 bytes of the digest of all parts so far.
    package var bytes: [UInt8] { Array(hash.finalize()) }
}
