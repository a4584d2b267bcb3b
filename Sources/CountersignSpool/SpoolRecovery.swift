import CountersignFiles
import CountersignTransport
import Glibc

/// Puts a spool's folder in order after whatever ended the last process, and whatever happened to its files since.
struct SpoolRecovery {
    private(set) var state = SpoolState()
    private(set) var findings = SpoolFindings()
    private let folder: String

    /// Reads the folder: removes what was delivered, cuts off what a crash tore, counts what waits, sets aside what is
    /// nothing of these.
    ///
    /// - Throws: `SystemError` that names the file.
    init(folder: String) throws(SystemError) {
        self.folder = folder
        AtomicFile.removeLeftovers(of: Spool.cursorPath(in: folder))
        var found: [SpoolState.Extent] = []
        for name in try Folder.entries(of: folder) where name.hasPrefix(SpoolSegment.namePrefix) {
            guard let number = SpoolSegment.number(of: name) else {
                setAside(name, "no name of a file of the spool")
                continue
            }
            if let segment = try open(number) { found.append(segment) }
        }
        let told = try readCursor()
        let segments = credible(found, told)
        let cursor = try settle(told, segments)
        state.acknowledged = cursor
        state.nextNumber = max(segments.last?.file.number ?? 0, cursor.segment) + 1
        for segment in segments {
            if segment.file.number < cursor.segment {
                segment.file.remove()
            } else {
                try take(segment, isLast: segment.file.number == segments.last?.file.number)
            }
        }
    }

    /// Opens a segment; its length has a bound, whatever the file's is.
    private mutating func open(_ number: UInt64) throws(SystemError) -> SpoolState.Extent? {
        do throws(SystemError) {
            let file = try SpoolSegment(number, in: folder, isNew: false)
            let length = try file.length()
            if length > SpoolFormat.maximumSegment { try file.truncate(to: SpoolFormat.maximumSegment) }
            return SpoolState.Extent(file: file, length: min(length, SpoolFormat.maximumSegment))
        } catch {
            let strange = [ELOOP, EISDIR, ENXIO, ENODEV, EINVAL, EACCES, EPERM]
            guard strange.contains(error.code) else { throw error }
            setAside(SpoolSegment.name(of: number), "\(error)")
            return nil
        }
    }

    /// What the file of the cursor says.
    private enum Cursor {
        /// There is no file.
        case absent
        /// Nothing that could be true.
        case unfit
        /// How far delivery is to have come.
        case position(SpoolPosition)
    }

    private func readCursor() throws(SystemError) -> Cursor {
        do throws(SystemError) {
            let content = try FileContent.read(Spool.cursorPath(in: folder), maximumBytes: 256)
            let cursor = SpoolPosition(text: String(decoding: content.bytes, as: UTF8.self))
            return cursor.flatMap { SpoolSegment.hasRoom(after: $0.segment) ? .position($0) : nil } ?? .unfit
        } catch {
            if error.code == ENOENT { return .absent }
            guard [EFBIG, EINVAL, EACCES, ELOOP].contains(error.code) else { throw error }
            return .unfit
        }
    }

    /// The segments that a spool can have written: each follows the one before it, or the cursor, and leaves numbers for
    /// others; what is none of them would take their numbers from all that come.
    private mutating func credible(_ segments: [SpoolState.Extent], _ cursor: Cursor) -> [SpoolState.Extent] {
        var last: UInt64?
        if case .position(let position) = cursor, position.segment > 0 { last = position.segment }
        return segments.filter { segment in
            let number = segment.file.number
            let isNear = last.map { number <= $0 || number - $0 <= Self.widestGap } ?? true
            guard isNear, SpoolSegment.hasRoom(after: number) else {
                setAside(SpoolSegment.name(of: number), "its number is far beyond those of the spool")
                return false
            }
            last = max(last ?? 0, number)
            return true
        }
    }

    /// The cursor; a folder without one has delivered nothing, and so has one whose cursor cannot be true.
    private mutating func settle(
        _ told: Cursor,
        _ segments: [SpoolState.Extent]
    ) throws(SystemError) -> SpoolPosition {
        switch told {
        case .absent: return .beginning
        case .position(let cursor) where try Self.isPossible(cursor, segments): return cursor
        case .position, .unfit: break
        }
        // It must not be believed later either, when there are segments that it fits.
        findings.setAside.append(
            "\(Spool.cursorName) (damaged, or beyond what there is), now "
                + (try SpoolAside.put(Spool.cursorName, in: folder))
        )
        findings.hasLostCursor = !segments.isEmpty
        return .beginning
    }

    /// Whether delivery can have come so far with these segments: nothing is delivered before it is in one.
    private static func isPossible(
        _ cursor: SpoolPosition,
        _ segments: [SpoolState.Extent]
    ) throws(SystemError) -> Bool {
        guard let last = segments.last else { return true }
        guard cursor.segment <= last.file.number else { return false }
        guard let segment = segments.first(where: { $0.file.number == cursor.segment }) else { return true }
        guard cursor.offset <= segment.length else { return false }
        // Nor is anything delivered in part.
        var scan = SegmentScan(from: 0, unreadable: .isDamage)
        while scan.offset < cursor.offset {
            if case .record = try scan.next(in: segment.file, upTo: segment.length), scan.offset > cursor.offset {
                return false
            }
        }
        return true
    }

    private mutating func take(_ segment: SpoolState.Extent, isLast: Bool) throws(SystemError) {
        let isCurrent = segment.file.number == state.acknowledged.segment
        let start = isCurrent ? state.acknowledged.offset : 0
        var (segment, scan, records) = (segment, SegmentScan(from: start, unreadable: .isDamage), 0)
        while true {
            let place = scan.offset
            switch try scan.next(in: segment.file, upTo: segment.length) {
            case .record:
                records += 1
                continue
            // Told when it is read, and counted then.
            case .damaged: continue
            case .cut where isLast:
                try segment.file.truncate(to: place)
                findings.torn += 1
                segment.length = place
            case .cut: continue
            case nil: break
            }
            break
        }
        guard segment.length > start else { return segment.file.remove() }
        state.segments.append(segment)
        state.bytes += segment.length
        state.waiting += records
    }

    private mutating func setAside(_ name: String, _ reason: String) {
        do throws(SystemError) {
            findings.setAside.append("\(name) (\(reason)), now \(try SpoolAside.put(name, in: folder))")
        } catch {
            findings.setAside.append("\(name) (\(reason)), left where it is: \(error)")
        }
    }

    /// How far apart the numbers of segments that follow each other can be, whatever was removed between them.
    private static let widestGap: UInt64 = 1_000_000
}
