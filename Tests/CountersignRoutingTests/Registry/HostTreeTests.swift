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
        for slot in 0..<2_000 {
            let name = host()
            tree.insert(slot, at: name.utf8.span)
            model[slot] = name
            // As many go as come, so that places are used again.
            guard slot > 50, let (gone, former) = model.randomElement(using: &generator) else { continue }
            tree.remove(gone, at: former.utf8.span)
            model[gone] = nil
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
