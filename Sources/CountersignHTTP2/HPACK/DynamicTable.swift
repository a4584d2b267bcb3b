/// The fields that one side has told the other to remember (RFC 7541 section 2.3.2), the newest first.
///
/// Fields lie behind one another in one allocation; those that are evicted leave their room when they are half of it, so
/// that a table in a steady state allocates nothing.
struct DynamicTable {
    /// Where a field lies in ``bytes``.
    struct Entry {
        let start: Int
        let nameEnd: Int
        let end: Int
    }

    /// Names and values; what lies before the oldest entry is not used any more.
    private(set) var bytes: [UInt8] = []
    private var entries: [Entry] = []
    /// The place of the oldest entry in ``entries``.
    private var oldest = 0
    /// The size of all entries, each 32 more than its bytes (RFC 7541 section 4.1).
    private(set) var size = 0
    /// The most that ``size`` may be.
    private(set) var capacity: Int

    /// Creates an empty table.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many fields there are.
    var count: Int { entries.count - oldest }

    /// The field at a place, 0 for the newest; nil beyond the oldest.
    func entry(at place: Int) -> Entry? {
        place >= 0 && place < count ? entries[entries.count - 1 - place] : nil
    }

    /// Changes how much there may be, and evicts what is beyond it.
    mutating func resize(to capacity: Int) {
        self.capacity = capacity
        evict(for: 0)
    }

    /// Remembers a field; one that is larger than the table empties it (RFC 7541 section 4.4).
    mutating func insert(_ source: Span<UInt8>, name: Range<Int>, value: Range<Int>) {
        let needed = name.count + value.count + Self.overhead
        evict(for: needed)
        guard needed <= capacity else { return }
        reclaim()
        let start = bytes.count
        bytes.append(source, name)
        let nameEnd = bytes.count
        bytes.append(source, value)
        entries.append(Entry(start: start, nameEnd: nameEnd, end: bytes.count))
        size += needed
    }

    /// The place of a field with these bytes; nil when there is none.
    func place(of source: Span<UInt8>, name: Range<Int>, value: Range<Int>) -> Int? {
        var place = 0
        while let entry = entry(at: place) {
            if entry.nameEnd - entry.start == name.count, entry.end - entry.nameEnd == value.count,
                source.holds(bytes, entry.start..<entry.nameEnd, at: name.lowerBound),
                source.holds(bytes, entry.nameEnd..<entry.end, at: value.lowerBound)
            {
                return place
            }
            place += 1
        }
        return nil
    }

    private mutating func evict(for needed: Int) {
        while size + needed > capacity, oldest < entries.count {
            let entry = entries[oldest]
            size -= entry.end - entry.start + Self.overhead
            oldest += 1
        }
        guard oldest == entries.count else { return }
        entries.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        oldest = 0
    }

    /// Gives back the room of evicted entries once it is as much as a whole table may need.
    private mutating func reclaim() {
        guard oldest < entries.count, entries[oldest].start > capacity else { return }
        let dead = entries[oldest].start
        bytes.removeSubrange(0..<dead)
        entries.removeSubrange(0..<oldest)
        oldest = 0
        for index in entries.indices {
            let entry = entries[index]
            entries[index] = Entry(start: entry.start - dead, nameEnd: entry.nameEnd - dead, end: entry.end - dead)
        }
    }

    /// What an entry counts beside its bytes.
    static let overhead = 32
}
