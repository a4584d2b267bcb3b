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
        var (segments, last) = ([SpoolState.Extent](), UInt64(0))
        for name in try Folder.entries(of: folder) where name.hasPrefix(SpoolSegment.namePrefix) {
            guard let number = SpoolSegment.number(of: name) else {
                setAside(name, "no name of a file of the spool")
                continue
            }
            last = max(last, number)
            if let segment = try open(number) { segments.append(segment) }
        }
        let cursor = try readCursor(segments)
        state.acknowledged = cursor
        state.nextNumber = max(last, cursor.segment) + 1
        for segment in segments {
            if segment.file.number < cursor.segment {
                remove(segment.file)
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

    /// The cursor; a folder without one has delivered nothing, and so has one whose cursor cannot be true.
    private mutating func readCursor(_ segments: [SpoolState.Extent]) throws(SystemError) -> SpoolPosition {
        do throws(SystemError) {
            let content = try FileContent.read(Spool.cursorPath(in: folder), maximumBytes: 256)
            let text = String(decoding: content.bytes, as: UTF8.self)
            if let cursor = SpoolPosition(text: text), try Self.isPossible(cursor, segments) { return cursor }
        } catch {
            if error.code == ENOENT { return .beginning }
            guard [EFBIG, EINVAL, EACCES, ELOOP].contains(error.code) else { throw error }
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
        var scan = SegmentScan(from: 0)
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
        var (segment, scan, records) = (segment, SegmentScan(from: start), 0)
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
        guard segment.length > start else { return remove(segment.file) }
        state.segments.append(segment)
        state.bytes += segment.length
        state.waiting += records
    }

    private func remove(_ file: SpoolSegment) {
        _ = unsafe unlink(SpoolSegment.path(of: file.number, in: folder))
    }

    private mutating func setAside(_ name: String, _ reason: String) {
        do throws(SystemError) {
            findings.setAside.append("\(name) (\(reason)), now \(try SpoolAside.put(name, in: folder))")
        } catch {
            findings.setAside.append("\(name) (\(reason)), left where it is: \(error)")
        }
    }
}
