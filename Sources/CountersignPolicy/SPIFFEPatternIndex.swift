import CountersignIdentity

/// Finds the pattern that a SPIFFE ID matches, among any number of them.
///
/// The patterns form a tree over the hashes of their segments, the trust domain first. What the tree finds is only a
/// candidate: the pattern itself decides, so a collision of hashes cannot permit anybody. A walk follows at most two
/// branches per segment, the literal one first, and a pattern has few wildcards, so the cost depends on the length of
/// the ID and not on the number of patterns.
struct SPIFFEPatternIndex: Sendable {
    private struct Edge: Hashable, Sendable {
        let node: Int
        let hash: Int
    }

    private struct Node: Sendable {
        /// The next node for any one segment; 0, the root, stands for none.
        var wildcard = 0
        /// Patterns that end here.
        var ending: [Int] = []
        /// Patterns that go on with one or more segments of any kind.
        var deeper: [Int] = []
    }

    private let patterns: [SPIFFEIDPattern]
    private var nodes = [Node()]
    private var edges: [Edge: Int] = [:]
    /// Patterns without wildcards, by the hash of the whole.
    private var exact: [Int: [Int]] = [:]

    init(_ patterns: [SPIFFEIDPattern]) {
        self.patterns = patterns
        for (index, pattern) in patterns.enumerated() { insert(pattern, index) }
    }

    /// The pattern that the ID matches, or `nil`; one without wildcards comes first.
    func match(_ id: SPIFFEID, _ hashes: SPIFFEIDHashes) -> SPIFFEIDPattern? {
        if !exact.isEmpty, let candidates = exact[hashes.whole], let pattern = confirmed(candidates, id) {
            return pattern
        }
        guard !edges.isEmpty, let root = hashes.parts.first, let start = edges[Edge(node: 0, hash: root)] else {
            return nil
        }
        return match(id, hashes.parts, from: 1, at: start)
    }

    private func match(_ id: SPIFFEID, _ hashes: [Int], from position: Int, at node: Int) -> SPIFFEIDPattern? {
        guard position < hashes.count else { return confirmed(nodes[node].ending, id) }
        if let next = edges[Edge(node: node, hash: hashes[position])],
            let pattern = match(id, hashes, from: position + 1, at: next)
        {
            return pattern
        }
        let wildcard = nodes[node].wildcard
        if wildcard != 0, let pattern = match(id, hashes, from: position + 1, at: wildcard) { return pattern }
        return confirmed(nodes[node].deeper, id)
    }

    private func confirmed(_ candidates: [Int], _ id: SPIFFEID) -> SPIFFEIDPattern? {
        for candidate in candidates where patterns[candidate].matches(id) { return patterns[candidate] }
        return nil
    }

    private mutating func insert(_ pattern: SPIFFEIDPattern, _ index: Int) {
        guard pattern.exactID == nil else {
            Self.add(index, of: patterns, to: &exact[SPIFFEIDHashes.hash(pattern.description.utf8), default: []])
            return
        }
        var node = literal(SPIFFEIDHashes.hash(pattern.trustDomain.name.utf8), after: 0)
        for segment in pattern.segments {
            switch segment {
            case .literal(let text):
                node = literal(SPIFFEIDHashes.hash(text.utf8), after: node)
            case .any:
                if nodes[node].wildcard == 0 {
                    nodes.append(Node())
                    nodes[node].wildcard = nodes.count - 1
                }
                node = nodes[node].wildcard
            }
        }
        if pattern.matchesDeeper {
            Self.add(index, of: patterns, to: &nodes[node].deeper)
        } else {
            Self.add(index, of: patterns, to: &nodes[node].ending)
        }
    }

    /// Adds a pattern to a list of candidates; a repeated one would only lengthen it.
    private static func add(_ index: Int, of patterns: [SPIFFEIDPattern], to list: inout [Int]) {
        if !list.contains(where: { patterns[$0] == patterns[index] }) { list.append(index) }
    }

    private mutating func literal(_ hash: Int, after node: Int) -> Int {
        let edge = Edge(node: node, hash: hash)
        if let next = edges[edge] { return next }
        nodes.append(Node())
        edges[edge] = nodes.count - 1
        return nodes.count - 1
    }
}
