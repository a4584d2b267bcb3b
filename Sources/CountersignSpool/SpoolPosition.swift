/// A place in a spool: behind everything up to an offset of a segment.
package struct SpoolPosition: Sendable, Hashable, Comparable {
    /// The segment's number, from 1.
    package var segment: UInt64
    /// Bytes from the segment's start.
    package var offset: Int

    /// Makes a position.
    package init(segment: UInt64, offset: Int) {
        self.segment = segment
        self.offset = offset
    }

    /// Whether one place comes before another.
    package static func < (left: SpoolPosition, right: SpoolPosition) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }

    /// The position as the file of the cursor holds it.
    var text: String { "1 \(segment) \(offset)\n" }

    /// Reads what ``text`` has written; nil for anything else.
    init?(text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard text.hasSuffix("\n"), parts.count == 3, parts[0] == "1", let segment = UInt64(parts[1]),
            let offset = Int(parts[2].dropLast()), offset >= 0
        else { return nil }
        self.init(segment: segment, offset: offset)
    }
}
