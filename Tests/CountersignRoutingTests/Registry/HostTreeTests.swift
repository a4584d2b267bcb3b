import CountersignTesting
import Testing

@testable import CountersignRouting

@Suite struct HostTreeTests {
    @Test(arguments: 0..<10)
    func `a random history leaves what plain comparisons find`(round: UInt64) {
        var generator = SeededGenerator(seed: 900 + round)
        var tree = HostTree(seed: round)
        var model: [Int: String] = [:]
        let labels = ["a", "b", "ab", "com"]
        func host() -> String {
            let count = Int.random(in: 1...4, using: &generator)
            return (0..<count).map { _ in labels.randomElement(using: &generator) ?? "a" }.joined(separator: ".")
        }
        var free: [Int] = []
        var most = 0
        for turn in 0..<2_000 {
            let name = host()
            let slot = free.popLast() ?? model.count
            tree.insert(slot, at: name.utf8.span)
            model[slot] = name
            most = max(most, tree.nodeCounts.used)
            // As many go as come, so that places are used again.
            guard turn > 50, let (gone, former) = model.randomElement(using: &generator) else { continue }
            tree.remove(gone, at: former.utf8.span)
            model[gone] = nil
            free.append(gone)
            let asked = host()
            let here = model.filter { $0.value == asked }.keys.sorted()
            let below = model.filter { $0.value == asked || $0.value.hasSuffix(".\(asked)") }.keys.sorted()
            let foundHere = tree.slots(at: asked.utf8.span).map(Int.init).sorted()
            let foundBelow = tree.slots(atOrBelow: asked.utf8.span).map(Int.init).sorted()
            #expect(foundHere == here && foundBelow == below)
        }
        for (slot, name) in model { tree.remove(slot, at: name.utf8.span) }
        for label in labels {
            let found = tree.slots(atOrBelow: label.utf8.span)
            #expect(found.isEmpty)
        }
        let (used, held) = tree.nodeCounts
        #expect(used == 1 && held <= most, "nodes are used again, and none is left")
    }

    @Test func `thousands of hosts are found, and leave nothing behind`() {
        var tree = HostTree(seed: 7)
        let hosts = (0..<5_000).map { "app-\($0).space-\($0 % 50).example" }
        for (slot, host) in hosts.enumerated() { tree.insert(slot, at: host.utf8.span) }
        #expect(tree.nodeCounts.used == 5_000 + 50 + 1 + 1)
        for (slot, host) in hosts.enumerated() {
            let here = tree.slots(at: host.utf8.span)
            #expect(here == [Int32(slot)])
        }
        let below = tree.slots(atOrBelow: "space-7.example".utf8.span)
        #expect(below.count == 100 && below.allSatisfy { $0 % 50 == 7 })
        for (slot, host) in hosts.enumerated() where slot % 50 != 7 { tree.remove(slot, at: host.utf8.span) }
        let left = tree.slots(atOrBelow: "example".utf8.span)
        #expect(left.sorted() == below.sorted())
        for (slot, host) in hosts.enumerated() where slot % 50 == 7 { tree.remove(slot, at: host.utf8.span) }
        #expect(tree.nodeCounts.used == 1)
    }

    @Test func `a route that is not at a host is not taken from others`() {
        var tree = HostTree(seed: 1)
        for slot in 0..<3 { tree.insert(slot, at: "a.example".utf8.span) }
        tree.remove(1, at: "a.example".utf8.span)
        tree.remove(1, at: "a.example".utf8.span)
        tree.remove(9, at: "a.example".utf8.span)
        tree.remove(0, at: "b.example".utf8.span)
        let here = tree.slots(at: "a.example".utf8.span)
        #expect(here.sorted() == [0, 2])
    }

    @Test func `a host without routes has those below it`() {
        var tree = HostTree(seed: 1)
        for (slot, host) in ["x.a.example", "y.a.example", "xa.example", "a.example.org"].enumerated() {
            tree.insert(slot, at: host.utf8.span)
        }
        let here = tree.slots(at: "a.example".utf8.span)
        let below = tree.slots(atOrBelow: "a.example".utf8.span)
        let nowhere = tree.slots(atOrBelow: "b.example".utf8.span)
        #expect(here.isEmpty && below.sorted() == [0, 1] && nowhere.isEmpty)
    }

    @Test func `removing a route of a host leaves the others of it and those below`() {
        var tree = HostTree(seed: 1)
        for (slot, host) in ["a.example", "a.example", "a.example", "x.a.example"].enumerated() {
            tree.insert(slot, at: host.utf8.span)
        }
        tree.remove(1, at: "a.example".utf8.span)
        let here = tree.slots(at: "a.example".utf8.span)
        #expect(here.sorted() == [0, 2])
        tree.remove(0, at: "a.example".utf8.span)
        tree.remove(2, at: "a.example".utf8.span)
        let below = tree.slots(atOrBelow: "a.example".utf8.span)
        #expect(below == [3])
    }
}
