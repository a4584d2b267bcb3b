package import CountersignTransport

/// Takes records out of a spool in their order; for one thread, and one at a time for each spool.
package final class SpoolReader {
    private let spool: Spool
    private var number: UInt64
    private var scan: SegmentScan

    /// Begins with the first record that has not been acknowledged.
    package init(_ spool: Spool) {
        self.spool = spool
        let start = spool.acknowledged
        self.number = start.segment
        self.scan = SegmentScan(from: start.offset)
    }

    /// Takes what the disk cannot read for damage from here to the end of the segment, instead of trying it again.
    package func passOverUnreadable() {
        scan = SegmentScan(from: scan.offset, unreadable: .isDamage)
    }

    /// What comes next; nil while there is nothing.
    ///
    /// - Throws: `SystemError` that names the file.
    package func next() throws(SystemError) -> SpoolRecord? {
        while let extent = present() {
            let start = scan.offset
            guard let item = try scan.next(in: extent.segment, upTo: extent.length) else { continue }
            let content: SpoolRecord.Content =
                switch item {
                case .record(let payload): .whole(payload)
                case .damaged, .cut: .damaged
                }
            let end = SpoolPosition(segment: number, offset: scan.offset)
            return SpoolRecord(content: content, length: end.offset - start, end: end)
        }
        return nil
    }

    /// The segment to read on in, if there is anything.
    private func present() -> (segment: SpoolSegment, length: Int)? {
        while true {
            if let extent = spool.extent(of: number) {
                if scan.offset < extent.length { return (extent.segment, extent.length) }
                guard extent.isSealed else { return nil }
            }
            guard let next = spool.segment(after: number) else { return nil }
            number = next
            scan = SegmentScan(from: 0)
        }
    }
}
