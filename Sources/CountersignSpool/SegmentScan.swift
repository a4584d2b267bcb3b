import CountersignTransport

/// Goes through the records of a segment file, of which no more than a piece is in memory.
struct SegmentScan {
    /// What comes next in a segment.
    enum Item {
        /// A whole record's payload.
        case record([UInt8])
        /// A damaged record, or bytes in the place of one.
        case damaged
        /// The beginning of a record at the segment's end.
        case cut
    }

    /// Bytes from the segment's start to the end of what ``next(in:upTo:)`` has answered.
    private(set) var offset: Int
    private var buffer: [UInt8] = []
    private var used = 0
    private let unreadable: SegmentBytes.Unreadable

    /// Begins at an offset.
    ///
    /// - Parameters:
    ///   - offset: where a record begins.
    ///   - unreadable: what becomes of bytes that the disk cannot read.
    init(from offset: Int, unreadable: SegmentBytes.Unreadable = .fails) {
        self.offset = offset
        self.unreadable = unreadable
    }

    /// What stands at the offset.
    ///
    /// - Parameters:
    ///   - segment: the same at each call, or a copy of it.
    ///   - limit: how many of its bytes count.
    /// - Returns: nil when there is nothing more up to the limit.
    /// - Throws: `SystemError` that names the file.
    mutating func next(in segment: SpoolSegment, upTo limit: Int) throws(SystemError) -> Item? {
        guard offset < limit else { return nil }
        let isFinal = try fill(segment, limit)
        guard used < buffer.count else {
            // Somebody has cut the file off.
            offset = limit
            return .damaged
        }
        switch SpoolScanner.next(in: buffer.span, from: used, isFinal: isFinal) {
        case .record(let payload):
            let content = Array(buffer[payload])
            advance(to: payload.upperBound)
            return .record(content)
        case .damaged(let range):
            advance(to: range.upperBound)
            return .damaged
        case .cut:
            advance(to: buffer.count)
            return .cut
        case .lost:
            try skipToBeginning(segment, limit)
            return .damaged
        }
    }

    /// Has the longest record in memory, or all that is left.
    ///
    /// - Returns: whether nothing comes behind what is in memory.
    private mutating func fill(_ segment: SpoolSegment, _ limit: Int) throws(SystemError) -> Bool {
        let left = buffer.count - used
        if offset + left >= limit { return true }
        if left >= SpoolFormat.longestRecord { return false }
        let wanted = min(Self.readLength, limit - offset)
        buffer = try segment.read(from: offset, upTo: wanted, unreadable: unreadable)
        used = 0
        return buffer.count < wanted || offset + wanted >= limit
    }

    /// Passes over everything up to the next marker.
    private mutating func skipToBeginning(_ segment: SpoolSegment, _ limit: Int) throws(SystemError) {
        while true {
            // A marker may begin with the last bytes of what has been read.
            advance(to: buffer.count - (SpoolFormat.marker.count - 1))
            let isFinal = try fill(segment, limit)
            if let place = SpoolScanner.beginning(in: buffer.span, from: used) {
                return advance(to: place)
            }
            if isFinal {
                return advance(to: buffer.count)
            }
        }
    }

    private mutating func advance(to place: Int) {
        offset += place - used
        used = place
    }

    private static let readLength = 8 * SpoolFormat.longestRecord
}
