import Testing

@testable import CountersignRouting

@Suite struct ByteKeyTableTests {
    @Test func `keys are found under their own tag and nothing else is`() {
        let built = table(
            [entry("a", 0, 1), entry("a", 7, 2), entry("", 0, 3), entry("abcdefgh", 0, 4)],
            seed: 1
        )
        #expect(find(built, "a", 0) == 1)
        #expect(find(built, "a", 7) == 2)
        #expect(find(built, "", 0) == 3)
        #expect(find(built, "abcdefgh", 0) == 4)
        for (key, tag) in [("a", UInt32(1)), ("", 7), ("abcdefgi", 0), ("abcdefg", 0), ("abcdefghi", 0), ("\u{0}", 0)] {
            #expect(find(built, key, tag) == -1)
        }
    }

    @Test func `an empty table finds nothing`() {
        #expect(find(table([], seed: 1), "a", 0) == -1)
    }

    @Test(arguments: [0, 1, 3, 300])
    func `a part of a table has the keys that were asked for and no others`(count: Int) {
        var whole = table((0..<count).map { entry("app-\($0).apps.example", 2, Int32($0)) }, seed: 5)
        let hash = KeyedHash(seed: 5)
        let removed = Array("app-1.apps.example".utf8)
        _ = whole.remove(removed.span, tag: 2, hash: hash(removed.span, tag: 2))
        let (odd, even) = (whole.filtered { $0 & 1 == 1 }, whole.filtered { $0 & 1 == 0 })
        #expect(odd.count + even.count == whole.count)
        for index in 0..<count {
            let key = Array("app-\(index).apps.example".utf8)
            let isOdd = hash(key.span, tag: 2) & 1 == 1
            let wanted = index == 1 ? -1 : index
            #expect(odd.find(key.span, tag: 2) == (isOdd ? wanted : -1))
            #expect(even.find(key.span, tag: 2) == (isOdd ? -1 : wanted))
        }
    }

    @Test func `hosts that meet in one place under one seed do not under another`() {
        // As one who knew the seed would choose them: all begin at the same eighth of the table.
        let hash = KeyedHash(seed: 42)
        var entries: [Entry] = []
        var index = 0
        while entries.count < 512 {
            let key = "app-\(index).apps.example"
            let place = hash(Array(key.utf8).span, tag: 0) & 1023
            if place < 8 { entries.append(entry(key, 0, Int32(entries.count))) }
            index += 1
        }
        let flooded = table(entries, seed: 42)
        #expect(flooded.longestProbe > 450)
        for seed in 1...20 {
            let built = table(entries, seed: UInt64(seed))
            #expect(built.longestProbe < 64)
            #expect(find(built, "app-0.apps.example", 0) == find(flooded, "app-0.apps.example", 0))
        }
    }

    @Test(arguments: [10, 1_000, 100_000])
    func `the longest search does not grow with the table`(count: Int) {
        let built = table((0..<count).map { entry("app-\($0).apps.example", 0, Int32($0)) }, seed: 9)
        #expect(built.longestProbe <= 64)
    }

    private struct Entry {
        var key: [UInt8]
        var tag: UInt32
        var value: Int32
    }

    private func table(_ entries: [Entry], seed: UInt64) -> ByteKeyTable {
        // Grows on the way.
        var table = ByteKeyTable(capacity: 0, seed: seed)
        for entry in entries { table.insert(entry.key.span, tag: entry.tag, value: entry.value) }
        return table
    }

    private func entry(_ key: String, _ tag: UInt32, _ value: Int32) -> Entry {
        Entry(key: Array(key.utf8), tag: tag, value: value)
    }

    private func find(_ table: ByteKeyTable, _ key: String, _ tag: UInt32) -> Int {
        table.find(Array(key.utf8).span, tag: tag)
    }
}
