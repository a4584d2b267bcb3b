import CountersignTesting
import Testing

@testable import CountersignRouting

@Suite struct KeyDirectoryTests {
    @Test(arguments: 0..<10)
    func `a random history leaves what it leaves in a dictionary`(round: UInt64) {
        var generator = SeededGenerator(seed: 40 + round)
        var directory = KeyDirectory(seed: round)
        var model: [String: Int] = [:]
        let range = [20, 400, 4_000][Int(round % 3)]
        for step in 0..<8_000 {
            let name = "key-\(Int.random(in: 0..<range, using: &generator))"
            let key = Array(name.utf8)
            if Int.random(in: 0..<5, using: &generator) < 3 {
                directory.set(key.span, tag: 3, value: Int32(step))
                model[name] = step
            } else {
                let removed = directory.remove(key.span, tag: 3)
                let wanted = model.removeValue(forKey: name) ?? -1
                #expect(removed == wanted)
            }
        }
        #expect(directory.count == model.count)
        for index in 0..<range {
            let key = Array("key-\(index)".utf8)
            let found = directory.find(key.span, tag: 3)
            #expect(found == model["key-\(index)"] ?? -1)
            let elsewhere = directory.find(key.span, tag: 4)
            #expect(elsewhere == -1)
        }
    }

    @Test func `keys that come and go leave no more behind than those that stay`() {
        var table = ByteKeyTable(capacity: 0, seed: 1)
        let hash = KeyedHash(seed: 1)
        for round in 0..<2_000 {
            let key = Array("some-key-\(round)".utf8)
            table.insert(key.span, tag: 0, value: 1)
            let removed = table.remove(key.span, tag: 0, hash: hash(key.span, tag: 0))
            #expect(removed == 1)
        }
        #expect(table.count == 0 && table.byteCount < 2_048)
    }

    @Test(arguments: [10, 20_000])
    func `the longest search does not grow with the number of keys`(count: Int) {
        var directory = KeyDirectory(seed: 9)
        for index in 0..<count { directory.set(Array("app-\(index).example".utf8).span, tag: 0, value: Int32(index)) }
        #expect(directory.count == count && directory.longestProbe <= 64)
    }

    @Test func `a key that is too long is not held`() {
        var directory = KeyDirectory(seed: 9)
        let key = [UInt8](repeating: 0x61, count: ByteKeyTable.maximumKeyCount + 1)
        let isHeld = directory.set(key.span, tag: 0, value: 1)
        let found = directory.find(key.span, tag: 0)
        #expect(!isHeld && found == -1 && directory.count == 0)
    }
}
