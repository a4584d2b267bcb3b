import CountersignRouting
import Testing

/// The same hash leads to the same member, whoever asks, and few of them move when members do.
@Suite struct ConsistentHashTableTests {
    private func names(_ range: Range<Int>) -> [[UInt8]] { range.map { Array("instance-\($0)".utf8) } }

    private func found(_ names: [[UInt8]], _ hash: UInt64) -> [UInt8]? {
        let table = ConsistentHashTable(names: names)
        return table.member(at: table.place(of: hash)).map { names[$0] }
    }

    @Test func `without members there is none`() {
        #expect(found([], 5) == nil && ConsistentHashTable(names: []).count == 0)
    }

    @Test func `the order in which members are known does not count`() {
        let members = names(0..<20)
        let table = ConsistentHashTable(names: members)
        let turned = Array(members.reversed())
        let other = ConsistentHashTable(names: turned)
        for key in 0..<200 {
            let hash = ConsistentHashTable.hash(Array("key-\(key)".utf8).span)
            let one = table.member(at: table.place(of: hash)).map { members[$0] }
            #expect(one == other.member(at: other.place(of: hash)).map { turned[$0] })
        }
    }

    @Test(arguments: [2, 3, 10, 100])
    func `every member has about its share`(_ count: Int) {
        let table = ConsistentHashTable(names: names(0..<count))
        var shares = [Int](repeating: 0, count: count)
        for place in 0..<table.count { shares[table.member(at: place) ?? 0] += 1 }
        let even = table.count / count
        #expect(shares.allSatisfy { abs($0 - even) <= 1 + even / 10 })
    }

    @Test func `a member that goes takes few hashes along besides its own`() {
        let before = names(0..<10)
        let after = Array(before.dropLast())
        let table = ConsistentHashTable(names: before)
        let next = ConsistentHashTable(names: after)
        var moved = 0
        for key in 0..<10_000 {
            let hash = ConsistentHashTable.hash(Array("key-\(key)".utf8).span)
            let one = before[table.member(at: table.place(of: hash)) ?? 0]
            let two = after[next.member(at: next.place(of: hash)) ?? 0]
            if one != two, one != before[9] { moved += 1 }
        }
        #expect(moved < 1000, "of 9000 that need not")
    }

    @Test func `places behind one lead to others`() {
        let table = ConsistentHashTable(names: names(0..<3))
        let start = table.place(of: 12345)
        #expect(Set((0..<50).map { table.member(at: start + $0) }).count == 3)
    }
}
