/// Path patterns compiled to a tree in one array, searched without decoding or copying the path.
struct RouteTree: Sendable {
    struct Match {
        let node: Int
        /// Where the parameters lie in the path, in the pattern's order.
        var parameters: [Range<Int>]
    }

    private struct Node: Sendable {
        var literals: [[UInt8]: Int] = [:]
        var parameter: Int?
        /// What takes the rest of the path.
        var tail: Int?
        var route: Int?
    }

    private var nodes = [Node()]

    /// Adds a pattern's segments, and returns the place of its route.
    ///
    /// - Parameter route: the place to give to a pattern that is new.
    mutating func insert(_ segments: [RoutePattern.Segment], route: Int) -> Int {
        var current = 0
        for segment in segments { current = child(of: current, segment) }
        if let known = nodes[current].route { return known }
        nodes[current].route = route
        return route
    }

    /// Finds the route of a path that begins with a slash.
    func match(_ path: ArraySlice<UInt8>) -> (route: Int, parameters: [Range<Int>])? {
        var parameters: [Range<Int>] = []
        guard let route = search(0, path, path.startIndex, &parameters) else { return nil }
        return (route, parameters)
    }

    /// Goes on from `node` at the slash at `slash`, or at the end of the path.
    private func search(
        _ node: Int,
        _ path: ArraySlice<UInt8>,
        _ slash: Int,
        _ parameters: inout [Range<Int>]
    ) -> Int? {
        guard slash < path.endIndex else { return nodes[node].route }
        let start = slash + 1
        let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.endIndex
        if let literal = nodes[node].literals[Array(path[start..<end])],
            let found = search(literal, path, end, &parameters)
        {
            return found
        }
        if let parameter = nodes[node].parameter, start < end {
            parameters.append(start..<end)
            if let found = search(parameter, path, end, &parameters) { return found }
            parameters.removeLast()
        }
        guard let tail = nodes[node].tail, start < path.endIndex else { return nil }
        parameters.append(start..<path.endIndex)
        return nodes[tail].route
    }

    private mutating func child(of node: Int, _ segment: RoutePattern.Segment) -> Int {
        let next = nodes.count
        switch segment {
        case .literal(let bytes):
            if let known = nodes[node].literals[bytes] { return known }
            nodes[node].literals[bytes] = next
        case .parameter:
            if let known = nodes[node].parameter { return known }
            nodes[node].parameter = next
        case .tail:
            if let known = nodes[node].tail { return known }
            nodes[node].tail = next
        }
        nodes.append(Node())
        return next
    }
}
