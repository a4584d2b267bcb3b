/// A path pattern taken apart.
struct RoutePattern: Sendable {
    enum Segment: Sendable, Hashable {
        case literal([UInt8])
        case parameter
        case tail
    }

    private(set) var segments: [Segment] = []
    /// The names of the parameters in their order.
    private(set) var names: [String] = []

    /// Parses a pattern.
    init(_ pattern: String) throws(RouteError) {
        guard pattern.hasPrefix("/") else {
            throw RouteError(pattern: pattern, reason: "it does not begin with a slash")
        }
        for part in pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard segments.last != .tail else {
                throw RouteError(pattern: pattern, reason: "nothing can follow a segment that takes the rest")
            }
            try add(part, of: pattern)
        }
    }

    private mutating func add(_ part: Substring, of pattern: String) throws(RouteError) {
        guard part.hasPrefix("{"), part.hasSuffix("}") else {
            guard !part.contains(where: { "{}%?#".contains($0) }) else {
                throw RouteError(pattern: pattern, reason: "braces stand around whole segments; %, ? and # nowhere")
            }
            segments.append(.literal(Array(part.utf8)))
            return
        }
        var name = part.dropFirst().dropLast()
        let isTail = name.hasSuffix("...")
        if isTail { name.removeLast(3) }
        guard !name.isEmpty, !names.contains(String(name)) else {
            throw RouteError(pattern: pattern, reason: "each parameter needs a name of its own")
        }
        names.append(String(name))
        segments.append(isTail ? .tail : .parameter)
    }
}
