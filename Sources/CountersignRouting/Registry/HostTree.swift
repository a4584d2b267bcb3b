/// Routes by their hosts, so that all at and below a host are found without a look at others.
struct HostTree: Sendable {
    private struct Node: Sendable {
        /// Nodes by the label in front.
        var children: [Substring: Int] = [:]
        var slots: Set<Int32> = []
        var parent: Int
        var label: Substring
    }

    private var nodes = [Node(parent: -1, label: "")]
    private var free: [Int] = []

    /// Notes a route at a host.
    mutating func insert(_ slot: Int, at host: String) {
        var node = 0
        for label in LabelsFromTheTop(host) {
            node = nodes[node].children[label] ?? makeNode(label, below: node)
        }
        nodes[node].slots.insert(Int32(slot))
    }

    /// Forgets a route at a host.
    mutating func remove(_ slot: Int, at host: String) {
        guard var node = find(host) else { return }
        nodes[node].slots.remove(Int32(slot))
        while node > 0, nodes[node].slots.isEmpty, nodes[node].children.isEmpty {
            let parent = nodes[node].parent
            nodes[parent].children[nodes[node].label] = nil
            nodes[node] = Node(parent: -1, label: "")
            free.append(node)
            node = parent
        }
    }

    /// The routes at a host.
    func slots(at host: String) -> [Int32] {
        find(host).map { Array(nodes[$0].slots) } ?? []
    }

    /// The routes at a host and below it.
    func slots(atOrBelow host: String) -> [Int32] {
        guard let top = find(host) else { return [] }
        var (found, pending) = ([Int32](), [top])
        while let node = pending.popLast() {
            found.append(contentsOf: nodes[node].slots)
            pending.append(contentsOf: nodes[node].children.values)
        }
        return found
    }

    private func find(_ host: String) -> Int? {
        var node = 0
        for label in LabelsFromTheTop(host) {
            guard let child = nodes[node].children[label] else { return nil }
            node = child
        }
        return node
    }

    private mutating func makeNode(_ label: Substring, below parent: Int) -> Int {
        let node = Node(parent: parent, label: Substring(String(label)))
        let index: Int
        if let reused = free.popLast() {
            index = reused
            nodes[index] = node
        } else {
            index = nodes.count
            nodes.append(node)
        }
        nodes[parent].children[node.label] = index
        return index
    }
}

/// The labels of a host, the one after the last dot first.
private struct LabelsFromTheTop: Sequence, IteratorProtocol {
    private var rest: Substring?

    init(_ host: String) {
        self.rest = host[...]
    }

    mutating func next() -> Substring? {
        guard let rest else { return nil }
        guard let dot = rest.utf8.lastIndex(of: UInt8(ascii: ".")) else {
            self.rest = nil
            return rest
        }
        self.rest = rest[..<dot]
        return rest[rest.utf8.index(after: dot)...]
    }
}
