/// A set of numbers from 0 to 255, which are lengths of hosts.
struct ByteCountSet: Sendable {
    private var words: InlineArray<4, UInt64> = [0, 0, 0, 0]
    /// Whether no number is in it.
    private(set) var isEmpty = true

    /// Takes a number up; one above 255 is none of a host's.
    mutating func insert(_ count: Int) {
        guard count >= 0, count < 256 else { return }
        words[count >> 6] |= 1 << UInt64(count & 63)
        isEmpty = false
    }

    /// Whether a number is in the set.
    func contains(_ count: Int) -> Bool {
        guard count >= 0, count < 256 else { return false }
        return words[count >> 6] & (1 << UInt64(count & 63)) != 0
    }
}
