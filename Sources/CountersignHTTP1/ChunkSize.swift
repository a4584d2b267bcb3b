/// A chunk size while its digits arrive (RFC 9112 section 7.1).
struct ChunkSize: Equatable, Sendable {
    /// The size so far, in bytes.
    private(set) var value: UInt64 = 0

    private var digits = 0

    /// Whether there has been a digit.
    var isStarted: Bool { digits > 0 }

    /// Adds one hexadecimal digit.
    ///
    /// - Returns: false when the size has more than 16 digits or does not fit in 63 bits: a recipient that counts in
    ///   signed or narrower numbers would see another size.
    mutating func add(_ digit: UInt8) -> Bool {
        digits &+= 1
        guard digits <= 16, value <= UInt64(Int64.max) >> 4 else {
            return false
        }
        value = value &<< 4 | UInt64(digit)
        return true
    }
}
