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
    }

    private var slots: [Slot]
    private var bytes: [UInt8] = []
    private var mask: Int
    /// How many keys there are.
    private(set) var count = 0
    private let hash: KeyedHash

    /// Makes an empty table that holds a number of keys without growing.
    init(capacity: Int, seed: UInt64) {
        var slotCount = 4
        while slotCount < capacity * 2 { slotCount *= 2 }
        slots = Array(repeating: Slot(), count: slotCount)
        mask = slotCount - 1
        hash = KeyedHash(seed: seed)
    }

    /// The number that a key stands for, or -1.
    func find(_ key: Span<UInt8>, tag: UInt32) -> Int {
        let hash = hash(key, tag: tag)
        let fingerprint = Self.fingerprint(hash)
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].value >= 0 {
            let slot = slots[index]
            if slot.fingerprint == fingerprint, slot.tag == tag, Int(slot.count) == key.count,
                isEqual(key, Int(slot.offset))
            {
                return Int(slot.value)
            }
            index = (index + 1) & mask
        }
        return -1
    }

    /// Takes a key up that is not there yet, with a number of zero or more.
    mutating func insert(_ key: Span<UInt8>, tag: UInt32, value: Int32) {
        guard key.count <= Self.maximumKeyCount, let offset = UInt32(exactly: bytes.count) else { return }
        if (count + 1) * 2 > slots.count { grow() }
        let hash = hash(key, tag: tag)
        let slot = Slot(
            offset: offset,
            tag: tag,
            value: value,
            count: UInt16(key.count),
            fingerprint: Self.fingerprint(hash)
        )
        place(slot, hash)
        for index in key.indices { bytes.append(key[index]) }
        count += 1
    }

    /// Replaces each key's number.
    mutating func mapValues(_ transform: (Int32) -> Int32) {
        for index in slots.indices where slots[index].value >= 0 {
            slots[index].value = transform(slots[index].value)
        }
    }

    /// The most slots that finding one of the keys looks at.
    var longestProbe: Int {
        var longest = 0
        for (position, slot) in slots.enumerated() where slot.value >= 0 {
            let home = Int(truncatingIfNeeded: hash(key(of: slot).span, tag: slot.tag)) & mask
            longest = max(longest, ((position - home) & mask) + 1)
        }
        return longest
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(), count: old.count * 2)
        mask = slots.count - 1
        for slot in old where slot.value >= 0 {
            place(slot, hash(key(of: slot).span, tag: slot.tag))
        }
    }

    private mutating func place(_ slot: Slot, _ hash: UInt64) {
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].value >= 0 { index = (index + 1) & mask }
        slots[index] = slot
    }

    private func key(of slot: Slot) -> [UInt8] {
        Array(bytes[Int(slot.offset)..<Int(slot.offset) + Int(slot.count)])
    }

    /// Whether the bytes from `offset` on are those of `key`.
    private func isEqual(_ key: Span<UInt8>, _ offset: Int) -> Bool {
        let count = key.count
        // The bytes of a `UInt8` are its value: nothing is reinterpreted that could be invalid.
        let left = unsafe key.bytes
        let right = unsafe bytes.span.bytes
        var index = 0
        while index + 8 <= count {
            // Bounds are checked; any eight bytes are a UInt64.
            let one = unsafe left.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let other = unsafe right.unsafeLoadUnaligned(fromByteOffset: offset + index, as: UInt64.self)
            if one != other { return false }
            index += 8
        }
        while index < count {
            if key[index] != bytes[offset + index] { return false }
            index += 1
        }
        return true
    }

    /// Bits of the hash that do not choose the slot.
    private static func fingerprint(_ hash: UInt64) -> UInt16 {
        UInt16(truncatingIfNeeded: hash >> 45)
    }
}
