/// Finds the records of a segment file, whatever a crash or a bad disk has made of it.
///
/// A whole record is found wherever it stands, unless it stands within the payload of another whole one. What is damaged
/// is told record by record, as far as markers and lengths still show where one ends.
package enum SpoolScanner {
    /// What comes next in the bytes.
    package enum Step: Equatable, Sendable {
        /// A whole record: where its payload is; the next step starts at the payload's end.
        case record(payload: Range<Int>)
        /// A damaged record, or bytes in the place of one; the next step starts at the range's end.
        case damaged(Range<Int>)
        /// The beginning of a record that goes beyond the end of the segment, with no other record in it.
        case cut
        /// Damage up to the end of the bytes, which is not the end of the segment.
        case lost
    }

    /// Looks at what stands at an offset.
    ///
    /// - Parameters:
    ///   - bytes: a segment, or a piece of it that has room for the longest record behind the offset.
    ///   - offset: where to look, before the end of the bytes.
    ///   - isFinal: whether the segment ends with these bytes.
    package static func next(in bytes: Span<UInt8>, from offset: Int, isFinal: Bool) -> Step {
        switch header(at: offset, in: bytes) {
        case .good(let payload):
            if isWhole(payload, at: offset, in: bytes) { return .record(payload: payload) }
            let end = min(payload.upperBound, bytes.count)
            // Where bytes are missing, the next record begins before this one's end.
            for place in offset + 1..<end where bytes[place] == SpoolFormat.marker[0] {
                if case .good = header(at: place, in: bytes) { return .damaged(offset..<place) }
            }
            return payload.upperBound <= bytes.count ? .damaged(offset..<end) : .cut
        case .bad(let length):
            if let end = endOfDamage(from: offset, length: length, in: bytes, isFinal: isFinal) {
                return .damaged(offset..<end)
            }
            return isFinal ? .damaged(offset..<bytes.count) : .lost
        case .incomplete:
            if let place = beginning(in: bytes, from: offset + 1) { return .damaged(offset..<place) }
            return likeness(at: offset, in: bytes) == min(bytes.count - offset, SpoolFormat.marker.count)
                ? .cut : .damaged(offset..<bytes.count)
        }
    }

    /// The first place at an offset or behind it that has a record's marker.
    static func beginning(in bytes: Span<UInt8>, from offset: Int) -> Int? {
        var place = offset
        while place + SpoolFormat.marker.count <= bytes.count {
            if bytes[place] == SpoolFormat.marker[0], likeness(at: place, in: bytes) == SpoolFormat.marker.count {
                return place
            }
            place += 1
        }
        return nil
    }

    private enum Header {
        /// A header that is what was written, and where its payload is to be.
        case good(payload: Range<Int>)
        /// Something else, with what stands in the place of the length.
        case bad(length: Int)
        /// The bytes end before the header does.
        case incomplete
    }

    private static func header(at offset: Int, in bytes: Span<UInt8>) -> Header {
        let start = offset + SpoolFormat.headerLength
        guard start <= bytes.count else { return .incomplete }
        let length = Int(SpoolFormat.number(bytes, at: offset + 4))
        guard likeness(at: offset, in: bytes) == SpoolFormat.marker.count, (1...SpoolFormat.maximumPayload) ~= length,
            SpoolFormat.number(bytes, at: offset + 12)
                == SpoolFormat.checksum(bytes.extracting(offset..<offset + 12))
        else { return .bad(length: length) }
        return .good(payload: start..<start + length)
    }

    private static func isWhole(_ payload: Range<Int>, at offset: Int, in bytes: Span<UInt8>) -> Bool {
        guard payload.upperBound <= bytes.count else { return false }
        return SpoolFormat.checksum(bytes.extracting(payload)) == SpoolFormat.number(bytes, at: offset + 8)
    }

    /// Where a record with a damaged header ends: at the next marker, or where its length says, if a record that may be
    /// damaged itself, or the segment's end, is there.
    private static func endOfDamage(from offset: Int, length: Int, in bytes: Span<UInt8>, isFinal: Bool) -> Int? {
        let next = beginning(in: bytes, from: offset + 1)
        guard (1...SpoolFormat.maximumPayload) ~= length else { return next }
        let end = offset + SpoolFormat.headerLength + length
        guard end < next ?? .max, end <= bytes.count else { return next }
        let isEnd = end == bytes.count ? isFinal : likeness(at: end, in: bytes) >= SpoolFormat.marker.count - 1
        return isEnd ? end : next
    }

    /// How many bytes at a place are those of a marker.
    private static func likeness(at place: Int, in bytes: Span<UInt8>) -> Int {
        var count = 0
        for index in 0..<min(SpoolFormat.marker.count, bytes.count - place)
        where bytes[place + index] == SpoolFormat.marker[index] {
            count += 1
        }
        return count
    }
}
