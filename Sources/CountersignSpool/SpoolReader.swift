package import CountersignTransport

/// Takes records out of a spool in their order; for one thread, and one at a time for each spool.
package final class SpoolReader {
    /// What was met beside whole records since the reader was made.
    package private(set) var findings = SpoolFindings()

    private let spool: Spool
    private var position: SpoolPosition
    /// Bytes of the segment from ``position`` on that have been read already.
    private var buffer: [UInt8] = []
    private var used = 0

    /// Begins with the first record that has not been acknowledged.
    package init(_ spool: Spool) {
        self.spool = spool
        self.position = spool.acknowledged
    }

    /// The next record; nil while there is none.
    ///
    /// - Throws: `SystemError` that names the file.
    package func next() throws(SystemError) -> SpoolRecord? {
        while let extent = try present() {
            if needsMore(extent.length), try !fill(extent.segment, extent.length) { continue }
            let isFinal = position.offset + (buffer.count - used) >= extent.length
            switch SpoolScanner.next(in: buffer.span, from: used, isFinal: isFinal) {
            case .record(let payload):
                let content = Array(buffer[payload])
                advance(to: payload.upperBound)
                return SpoolRecord(payload: content, end: position)
            case .gap(let range):
                findings.addGap(bytes: range.count)
                advance(to: range.upperBound)
            case .rest:
                // A record that begins near the end of what has been read is not seen yet.
                let end = isFinal ? buffer.count : buffer.count - Self.longestRecord + 1
                findings.addGap(bytes: end - used)
                advance(to: end)
            }
        }
        return nil
    }

    /// The segment to read on in, if there is anything.
    private func present() throws(SystemError) -> (segment: SpoolSegment, length: Int)? {
        while true {
            if let extent = spool.extent(of: position.segment) {
                if position.offset < extent.length { return (extent.segment, extent.length) }
                guard extent.isSealed else { return nil }
            }
            guard let number = spool.segment(atLeast: position.segment + 1) else { return nil }
            position = SpoolPosition(segment: number, offset: 0)
            buffer = []
            used = 0
        }
    }

    /// Whether a record may go beyond what has been read.
    private func needsMore(_ length: Int) -> Bool {
        let left = buffer.count - used
        return left < Self.longestRecord && position.offset + left < length
    }

    /// Reads on from the position.
    ///
    /// - Returns: false when somebody has cut the file off, so that nothing more comes of it.
    private func fill(_ segment: SpoolSegment, _ length: Int) throws(SystemError) -> Bool {
        buffer = try segment.read(from: position.offset, upTo: min(Self.readLength, length - position.offset))
        used = 0
        guard buffer.count < min(Self.longestRecord, length - position.offset) else { return true }
        findings.addGap(bytes: length - position.offset)
        position.offset = length
        buffer = []
        return false
    }

    private func advance(to place: Int) {
        position.offset += place - used
        used = place
    }

    private static let longestRecord = SpoolFormat.headerLength + SpoolFormat.maximumPayload
    private static let readLength = 8 * longestRecord
}
