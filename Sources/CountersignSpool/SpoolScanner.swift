/// Finds the records of a segment file, whatever a crash or a bad disk has made of it.
package enum SpoolScanner {
    /// What comes next in the bytes.
    package enum Step: Equatable, Sendable {
        /// A whole record: where its payload is; the next step starts at the payload's end.
        case record(payload: Range<Int>)
        /// Bytes that are no record, with a whole record behind them.
        case gap(Range<Int>)
        /// No whole record starts at the offset or behind it.
        case rest
    }

    /// Looks at what stands at an offset.
    ///
    /// - Parameters:
    ///   - bytes: a segment, or a piece of it that starts at a record.
    ///   - offset: where to look, at most the number of bytes.
    ///   - isFinal: whether the segment ends with these bytes; a record that does not end within them is damaged then.
    package static func next(in bytes: Span<UInt8>, from offset: Int, isFinal: Bool) -> Step {
        switch look(at: offset, in: bytes) {
        case .whole(let payload): return .record(payload: payload)
        case .cut where !isFinal: return .rest
        case .cut, .none: break
        }
        var place = offset + 1
        while place + SpoolFormat.headerLength < bytes.count {
            if bytes[place] == SpoolFormat.marker[0], case .whole = look(at: place, in: bytes) {
                return .gap(offset..<place)
            }
            place += 1
        }
        return .rest
    }

    private enum Finding {
        case whole(Range<Int>)
        /// The header, or what it promises, goes beyond the bytes.
        case cut
        case none
    }

    private static func look(at offset: Int, in bytes: Span<UInt8>) -> Finding {
        let start = offset + SpoolFormat.headerLength
        guard start <= bytes.count else { return .cut }
        for (index, byte) in SpoolFormat.marker.enumerated() where bytes[offset + index] != byte { return .none }
        let header = bytes.extracting(offset..<offset + 12)
        guard SpoolFormat.number(bytes, at: offset + 12) == SpoolFormat.checksum(header) else { return .none }
        let length = Int(SpoolFormat.number(bytes, at: offset + 4))
        guard length > 0, length <= SpoolFormat.maximumPayload else { return .none }
        guard start + length <= bytes.count else { return .cut }
        let payload = start..<start + length
        let expected = SpoolFormat.number(bytes, at: offset + 8)
        return SpoolFormat.checksum(bytes.extracting(payload)) == expected ? .whole(payload) : .none
    }
}
