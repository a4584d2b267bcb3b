/// Routes by their hosts, so that all at and below a host are found without a look at others.
///
/// A tree of labels, of which the one after a host's last dot is at the top. What a change costs depends on how many
/// labels a host has, not on how many routes there are.
struct HostTree: Sendable {
    /// A host, or what hosts end with.
    private struct Node: Sendable {
        var parent: Int32
        /// The first of the nodes that have a label more.
        var children: Int32 = -1
        /// The first of the routes at this very host.
        var slots: Int32 = -1
    }

    /// Nodes by the label in front, each label tagged with its parent.
    private var labels: KeyDirectory
    private var nodes = [Node(parent: -1)]
    private var freeNodes: [Int32] = []
    private var siblings = NumberLists()
    private var slotsOfHosts = NumberLists()

    /// How many nodes there are, the one at the top included, and for how many there is memory.
    var nodeCounts: (used: Int, held: Int) { (nodes.count - freeNodes.count, nodes.count) }

    /// Makes a tree without routes; `seed` is secret.
    init(seed: UInt64) {
        labels = KeyDirectory(seed: seed)
    }

    /// Notes a route at a host.
    mutating func insert(_ slot: Int, at host: Span<UInt8>) {
        var node = 0
        var way = LabelsFromTheTop(host)
        while let label = way.next(host) {
            let child = labels.find(host.extracting(label), tag: UInt32(node))
            node = child >= 0 ? child : makeNode(host.extracting(label), below: node)
        }
        slotsOfHosts.insert(Int32(slot), into: &nodes[node].slots)
    }

    /// Forgets a route at a host, where it is.
    mutating func remove(_ slot: Int, at host: Span<UInt8>) {
        guard var node = find(host) else { return }
        slotsOfHosts.remove(Int32(slot), from: &nodes[node].slots)
        var labelStart = 0
        while node > 0, nodes[node].slots < 0, nodes[node].children < 0 {
            var labelEnd = labelStart
            while labelEnd < host.count, host[labelEnd] != UInt8(ascii: ".") { labelEnd += 1 }
            let parent = Int(nodes[node].parent)
            labels.remove(host.extracting(labelStart..<labelEnd), tag: UInt32(parent))
            siblings.remove(Int32(node), from: &nodes[parent].children)
            freeNodes.append(Int32(node))
            node = parent
            labelStart = labelEnd + 1
        }
    }

    /// The routes at a host.
    func slots(at host: Span<UInt8>) -> [Int32] {
        var found: [Int32] = []
        if let node = find(host) { slotsOfHosts.append(from: nodes[node].slots, to: &found) }
        return found
    }

    /// The routes at a host and below it.
    func slots(atOrBelow host: Span<UInt8>) -> [Int32] {
        guard let top = find(host) else { return [] }
        var (found, pending) = ([Int32](), [Int32(top)])
        while let node = pending.popLast() {
            slotsOfHosts.append(from: nodes[Int(node)].slots, to: &found)
            siblings.append(from: nodes[Int(node)].children, to: &pending)
        }
        return found
    }

    private func find(_ host: Span<UInt8>) -> Int? {
        var node = 0
        var way = LabelsFromTheTop(host)
        while let label = way.next(host) {
            node = labels.find(host.extracting(label), tag: UInt32(node))
            guard node >= 0 else { return nil }
        }
        return node
    }

    private mutating func makeNode(_ label: Span<UInt8>, below parent: Int) -> Int {
        let node = Node(parent: Int32(parent))
        let index: Int
        if let reused = freeNodes.popLast() {
            index = Int(reused)
            nodes[index] = node
        } else {
            index = nodes.count
            nodes.append(node)
        }
        labels.set(label, tag: UInt32(parent), value: Int32(index))
        siblings.insert(Int32(index), into: &nodes[parent].children)
        return index
    }
}

/// Where the labels of a host are, the one after the last dot first.
private struct LabelsFromTheTop {
    /// Where the label ends that is next; -1 when there is none.
    private var end: Int

    init(_ host: Span<UInt8>) {
        end = host.count
    }

    mutating func next(_ host: Span<UInt8>) -> Range<Int>? {
        guard end >= 0 else { return nil }
        var start = end
        while start > 0, host[start - 1] != UInt8(ascii: ".") { start -= 1 }
        defer { end = start - 1 }
        return start..<end
    }
}
