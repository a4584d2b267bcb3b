/// A table from byte strings to numbers that grows and shrinks a piece at a time.
///
/// Extendible hashing over ``ByteKeyTable`` segments of bounded size: no change touches more than one segment and the
/// one that it is split into, however many keys there are. Searching allocates nothing.
struct KeyDirectory: Sendable {
    /// How many keys a segment holds before it is split.
    static let segmentCapacity = 128
    /// The most bits of the hash that choose a segment; with more keys than those tell apart, segments grow.
    private static let maximumDepth = 24
    /// Where these bits begin: above those that choose a slot, below those of the fingerprint.
    private static let directoryShift: UInt64 = 16

    private var segments: [ByteKeyTable]
    /// By how many bits of the hash each segment's keys agree.
    private var depths: [UInt8] = [0]
    /// Which segment has the keys whose bits are the position.
    private var directory: [Int32] = [0]
    private var mask: UInt64 = 0
    /// How many keys there are.
    private(set) var count = 0
    private let seed: UInt64
    private let hash: KeyedHash

    /// Makes an empty table; `seed` is secret.
    init(seed: UInt64) {
        self.seed = seed
        self.hash = KeyedHash(seed: seed)
        self.segments = [ByteKeyTable(capacity: 0, seed: seed)]
    }

    /// The number that a key stands for, or -1.
    func find(_ key: Span<UInt8>, tag: UInt32) -> Int {
        let hash = hash(key, tag: tag)
        return segments[segment(of: hash)].find(key, tag: tag, hash: hash)
    }

    /// Gives a key its number, zero or more, whether or not it had one.
    ///
    /// - Returns: `false` for a key that is too long to be held.
    @discardableResult
    mutating func set(_ key: Span<UInt8>, tag: UInt32, value: Int32) -> Bool {
        let hash = hash(key, tag: tag)
        var place = segment(of: hash)
        if segments[place].replace(key, tag: tag, hash: hash, value: value) { return true }
        while segments[place].count >= Self.segmentCapacity, depths[place] < Self.maximumDepth {
            split(place, hash)
            place = segment(of: hash)
        }
        guard segments[place].insert(key, tag: tag, hash: hash, value: value) else { return false }
        count += 1
        return true
    }

    /// Forgets a key.
    ///
    /// - Returns: the number that it had, or -1.
    @discardableResult
    mutating func remove(_ key: Span<UInt8>, tag: UInt32) -> Int {
        let hash = hash(key, tag: tag)
        let value = segments[segment(of: hash)].remove(key, tag: tag, hash: hash)
        if value >= 0 { count -= 1 }
        return value
    }

    /// The most slots that finding one of the keys looks at.
    var longestProbe: Int { segments.map(\.longestProbe).max() ?? 0 }

    private func segment(of hash: UInt64) -> Int {
        Int(directory[Int(truncatingIfNeeded: (hash >> Self.directoryShift) & mask)])
    }

    /// Moves those of a segment's keys that differ in one more bit to a new segment.
    private mutating func split(_ place: Int, _ hash: UInt64) {
        let depth = UInt64(depths[place])
        if depths[place] == directoryDepth {
            directory += directory
            mask = UInt64(directory.count - 1)
        }
        let bit = UInt64(1) << (Self.directoryShift + depth)
        segments.append(segments[place].filtered { $0 & bit != 0 })
        segments[place] = segments[place].filtered { $0 & bit == 0 }
        depths[place] += 1
        depths.append(depths[place])
        let shared = (hash >> Self.directoryShift) & ((1 << depth) - 1)
        let first = Int(shared | 1 << depth)
        for position in stride(from: first, to: directory.count, by: 1 << (Int(depth) + 1)) {
            directory[position] = Int32(segments.count - 1)
        }
    }

    private var directoryDepth: UInt8 { UInt8(truncatingIfNeeded: directory.count.trailingZeroBitCount) }
}
