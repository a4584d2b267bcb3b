import CountersignIdentity

/// The hashes of a SPIFFE ID and of its parts, made once per connection and looked up by ``SPIFFEPatternIndex``.
///
/// They are seeded per process, as all hashes of the standard library are, so nobody can choose names that collide.
struct SPIFFEIDHashes: Sendable {
    /// Of the whole ID.
    let whole: Int
    /// Of the trust domain and of each segment of the path.
    let parts: [Int]

    init(_ id: SPIFFEID) {
        self.whole = Self.hash(id.description.utf8)
        self.parts =
            [Self.hash(id.trustDomain.name.utf8)]
            + id.path.utf8.split(separator: UInt8(ascii: "/")).map { Self.hash($0) }
    }

    /// The hash of these bytes.
    static func hash(_ bytes: some Sequence<UInt8>) -> Int {
        var hasher = Hasher()
        for byte in bytes { hasher.combine(byte) }
        return hasher.finalize()
    }
}
