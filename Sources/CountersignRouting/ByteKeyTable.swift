/// A table from byte strings to numbers, searched without allocation and without strings.
///
/// Open addressing with linear probing, at most half full. The keys' bytes lie in one buffer. A tag tells keys of
/// different kinds with the same bytes apart.
struct ByteKeyTable: Sendable {
    /// The longest key, in bytes; a longer one is never found.
    static let maximumKeyCount = Int(UInt16.max)

    /// Sixteen bytes, so that looking at one touches one line of the processor's cache.
    private struct Slot {
        var offset: UInt32 = 0
        var tag: UInt32 = 0
        /// Negative in an empty slot.
        var value: Int32 = -1
        var count: UInt16 = 0
        var fingerprint: UInt16 = 0

        /// Where the key is among the bytes.
        var key: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
    }

    private var slots: [Slot]
    private var bytes: [UInt8] = []
    private var mask: Int
    /// How many keys there are.
    private(set) var count = 0
    /// How many of `bytes` belong to keys that were removed.
    private var waste = 0
    private let seed: UInt64
    private let hash: KeyedHash

    /// Makes an empty table that holds a number of keys without growing.
    init(capacity: Int, seed: UInt64) {
        var slotCount = 4
        while slotCount < capacity * 2 { slotCount *= 2 }
        slots = Array(repeating: Slot(), count: slotCount)
        mask = slotCount - 1
        self.seed = seed
        hash = KeyedHash(seed: seed)
    }

    /// The number that a key stands for, or -1.
    func find(_ key: Span<UInt8>, tag: UInt32) -> Int {
        find(key, tag: tag, hash: hash(key, tag: tag))
    }

    /// The number that a key stands for, or -1, for a caller that has the key's hash under the same seed.
    func find(_ key: Span<UInt8>, tag: UInt32, hash: UInt64) -> Int {
        let position = position(of: key, tag, hash)
        return position >= 0 ? Int(slots[position].value) : -1
    }

    /// The slot of a key, or -1.
    private func position(of key: Span<UInt8>, _ tag: UInt32, _ hash: UInt64) -> Int {
        let fingerprint = Self.fingerprint(hash)
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].value >= 0 {
            let slot = slots[index]
            if slot.fingerprint == fingerprint, slot.tag == tag, bytes.span.extracting(slot.key).isEqual(to: key) {
                return index
            }
            index = (index + 1) & mask
        }
        return -1
    }

    /// Gives a key that is there another number, zero or more.
    ///
    /// - Returns: whether it is there.
    mutating func replace(_ key: Span<UInt8>, tag: UInt32, hash: UInt64, value: Int32) -> Bool {
        let position = position(of: key, tag, hash)
        guard position >= 0 else { return false }
        slots[position].value = value
        return true
    }

    /// Takes a key up that is not there yet, with a number of zero or more.
    ///
    /// - Returns: `false` for a key that is too long to be held.
    @discardableResult
    mutating func insert(_ key: Span<UInt8>, tag: UInt32, value: Int32) -> Bool {
        insert(key, tag: tag, hash: hash(key, tag: tag), value: value)
    }

    /// Takes a key up that is not there yet, whose hash under the same seed the caller has.
    ///
    /// - Returns: `false` for a key that is too long to be held.
    mutating func insert(_ key: Span<UInt8>, tag: UInt32, hash: UInt64, value: Int32) -> Bool {
        guard key.count <= Self.maximumKeyCount, let offset = UInt32(exactly: bytes.count) else { return false }
        if (count + 1) * 2 > slots.count { grow() }
        let slot = Slot(
            offset: offset,
            tag: tag,
            value: value,
            count: UInt16(key.count),
            fingerprint: Self.fingerprint(hash)
        )
        place(slot, hash)
        bytes.append(key)
        count += 1
        return true
    }

    /// Forgets a key, whose hash under the same seed the caller has.
    ///
    /// - Returns: the number that it had, or -1.
    mutating func remove(_ key: Span<UInt8>, tag: UInt32, hash: UInt64) -> Int {
        var hole = position(of: key, tag, hash)
        guard hole >= 0 else { return -1 }
        let removed = slots[hole]
        var index = (hole + 1) & mask
        while slots[index].value >= 0 {
            // One that would not be found behind the hole is moved into it.
            if (index - home(of: slots[index])) & mask >= (index - hole) & mask {
                slots[hole] = slots[index]
                hole = index
            }
            index = (index + 1) & mask
        }
        slots[hole] = Slot()
        count -= 1
        waste += Int(removed.count)
        if waste > max(bytes.count / 2, Self.toleratedWaste) { self = filtered { _ in true } }
        return Int(removed.value)
    }

    /// A table of those keys of whose hashes something is true, with room for as many as there are here.
    func filtered(_ isKept: (UInt64) -> Bool) -> ByteKeyTable {
        var table = ByteKeyTable(capacity: count, seed: seed)
        table.bytes.reserveCapacity(bytes.count - waste)
        for slot in slots where slot.value >= 0 {
            let hash = hash(of: slot)
            guard isKept(hash) else { continue }
            _ = table.insert(bytes.span.extracting(slot.key), tag: slot.tag, hash: hash, value: slot.value)
        }
        return table
    }

    /// How many bytes are held for keys, those of removed ones included.
    var byteCount: Int { bytes.count }

    /// The most slots that finding one of the keys looks at.
    var longestProbe: Int {
        var longest = 0
        for (position, slot) in slots.enumerated() where slot.value >= 0 {
            longest = max(longest, ((position - home(of: slot)) & mask) + 1)
        }
        return longest
    }

    /// The slot at which the search for a key begins.
    private func home(of slot: Slot) -> Int {
        Int(truncatingIfNeeded: hash(of: slot)) & mask
    }

    private func hash(of slot: Slot) -> UInt64 {
        hash(bytes.span.extracting(slot.key), tag: slot.tag)
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        mask = slots.count - 1
        for slot in old where slot.value >= 0 { place(slot, hash(of: slot)) }
    }

    private mutating func place(_ slot: Slot, _ hash: UInt64) {
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].value >= 0 { index = (index + 1) & mask }
        slots[index] = slot
    }

    /// Bytes of removed keys that are not worth a new table.
    private static let toleratedWaste = 512

    /// Bits of the hash that do not choose the slot.
    private static func fingerprint(_ hash: UInt64) -> UInt16 {
        UInt16(truncatingIfNeeded: hash >> 45)
    }
}
