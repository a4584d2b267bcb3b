/// A multiset of numbers from 0 to 255, which are lengths of hosts.
struct ByteCountSet: Sendable {
    private var words: InlineArray<4, UInt64> = [0, 0, 0, 0]
    private var occurrences = [Int32](repeating: 0, count: 256)
    private var total = 0

    /// Whether no number is in it.
    var isEmpty: Bool { total == 0 }

    /// Takes a number up once more; one above 255 is none of a host's.
    mutating func insert(_ count: Int) {
        guard count >= 0, count < 256 else { return }
        words[count >> 6] |= 1 << UInt64(count & 63)
        occurrences[count] += 1
        total += 1
    }

    /// Takes a number out once.
    mutating func remove(_ count: Int) {
        guard contains(count) else { return }
        occurrences[count] -= 1
        total -= 1
        if occurrences[count] == 0 { words[count >> 6] &= ~(1 << UInt64(count & 63)) }
    }

    /// Whether a number is in the set.
    func contains(_ count: Int) -> Bool {
        guard count >= 0, count < 256 else { return false }
        return words[count >> 6] & (1 << UInt64(count & 63)) != 0
    }
}
