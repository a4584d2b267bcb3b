import CountersignFiles
import CountersignTransport
import Glibc

/// Puts a spool's folder in order after whatever ended the last process.
struct SpoolRecovery {
    private(set) var state = SpoolState()
    private(set) var findings = SpoolFindings()

    /// Reads the folder: removes what was delivered, cuts off what a crash tore, counts what waits.
    ///
    /// - Throws: `SystemError` that names the file.
    init(folder: String) throws(SystemError) {
        AtomicFile.removeLeftovers(of: Spool.cursorPath(in: folder))
        let numbers = try Folder.entries(of: folder).compactMap(SpoolSegment.number).sorted()
        let cursor = try readCursor(folder, hasSegments: !numbers.isEmpty)
        state.acknowledged = cursor
        state.nextNumber = max(numbers.last ?? 0, cursor.segment) + 1
        for number in numbers {
            if number < cursor.segment {
                _ = unsafe unlink(SpoolSegment.path(of: number, in: folder))
                continue
            }
            try take(
                number,
                in: folder,
                from: number == cursor.segment ? cursor.offset : 0,
                isLast: number == numbers.last
            )
        }
    }

    /// The cursor; a folder without one has delivered nothing.
    private mutating func readCursor(_ folder: String, hasSegments: Bool) throws(SystemError) -> SpoolPosition {
        let beginning = SpoolPosition(segment: 0, offset: 0)
        do throws(SystemError) {
            let content = try FileContent.read(Spool.cursorPath(in: folder), maximumBytes: 256)
            if let position = SpoolPosition(text: String(decoding: content.bytes, as: UTF8.self)) { return position }
            findings.hasLostCursor = hasSegments
            return beginning
        } catch {
            guard error.code == ENOENT || error.code == EFBIG else { throw error }
            findings.hasLostCursor = error.code == EFBIG
            return beginning
        }
    }

    private mutating func take(_ number: UInt64, in folder: String, from offset: Int, isLast: Bool) throws(SystemError)
    {
        let segment = try SpoolSegment(number, in: folder, isNew: false)
        let bytes = try segment.read(from: 0, upTo: try segment.length())
        var length = bytes.count
        var place = min(offset, length)
        var count = 0
        while true {
            switch SpoolScanner.next(in: bytes.span, from: place, isFinal: true) {
            case .record(let payload):
                count += 1
                place = payload.upperBound
                continue
            case .gap(let range):
                // Told again when it is read, and counted then.
                place = range.upperBound
                continue
            case .rest: break
            }
            break
        }
        if place < length, isLast {
            try segment.truncate(to: place)
            findings.torn += 1
            length = place
        }
        guard count > 0 || length > place else {
            _ = unsafe unlink(SpoolSegment.path(of: number, in: folder))
            return
        }
        state.segments.append(SpoolState.Extent(file: segment, length: length))
        state.bytes += length
        state.waiting += count
    }
}
