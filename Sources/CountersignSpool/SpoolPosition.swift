/// A place in a spool: behind everything up to an offset of a segment.
package struct SpoolPosition: Sendable, Hashable, Comparable {
    /// The segment's number, from 1; 0 is before the first.
    package var segment: UInt64
    /// Bytes from the segment's start.
    package var offset: Int

    /// Makes a position.
    package init(segment: UInt64, offset: Int) {
        self.segment = segment
        self.offset = offset
    }

    /// Before everything.
    static let beginning = SpoolPosition(segment: 0, offset: 0)

    /// Whether one place comes before another.
    package static func < (left: SpoolPosition, right: SpoolPosition) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }

    /// The position as the file of the cursor holds it: version, segment, offset, and the CRC-32C of these three.
    ///
    /// What comes before the cursor is removed from the disk, so that one that is damaged must never be believed.
    var text: String {
        let content = "\(Self.version) \(segment) \(offset)"
        let bytes = Array(content.utf8)
        return "\(content) \(SpoolFormat.checksum(bytes.span))\n"
    }

    /// Reads what ``text`` has written; nil for anything else, by however little it differs.
    init?(text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 4, let segment = UInt64(parts[1]), let offset = Int(parts[2]), offset >= 0,
            segment == 0 || SpoolSegment.isNumber(segment)
        else { return nil }
        self.init(segment: segment, offset: offset)
        guard self.text == text else { return nil }
    }

    private static let version = 2
}
