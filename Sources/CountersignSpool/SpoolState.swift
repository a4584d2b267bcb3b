import CountersignTransport
import Glibc

/// What a spool knows of its files.
struct SpoolState: Sendable {
    /// A segment and how many of its bytes count.
    struct Extent: Sendable {
        var file: SpoolSegment
        var length: Int
        /// Whether somebody has cut the file off, so that it has fewer.
        var isCut = false
    }

    /// The segments that are on the disk, in their order; only the last is written to.
    var segments: [Extent] = []
    /// Whether the last segment takes more records.
    var isOpen = false
    /// The number of the next segment; never one that was used before.
    var nextNumber: UInt64 = 1
    /// Bytes of all segments.
    var bytes = 0
    /// Records that have not been acknowledged.
    var waiting = 0
    /// Everything up to here has been acknowledged.
    var acknowledged = SpoolPosition.beginning
    /// Segments with bytes that may not be on the disk.
    var unsynced: [SpoolSegment] = []
    /// How many segments were found to have been cut off.
    var cutSegments = 0
    /// Whether the folder has names that may not be on the disk.
    var hasNewNames = false

    /// Whether everything up to the end has been acknowledged.
    var isDelivered: Bool {
        guard let last = segments.last else { return true }
        return acknowledged >= SpoolPosition(segment: last.file.number, offset: last.length)
    }

    /// Writes a record.
    mutating func append(_ record: [UInt8], in home: SpoolHome, segmentBytes: Int) throws(SpoolFailure) {
        if isOpen, let last = segments.last, let length = try? last.file.length(), length < last.length {
            sealCut(last.file)
        }
        if isOpen, let last = segments.last, last.length > 0, last.length + record.count > segmentBytes {
            isOpen = false
        }
        if !isOpen {
            do throws(SystemError) {
                try open(in: home)
            } catch {
                throw .system(error)
            }
        }
        let last = segments.count - 1
        let extent = segments[last]
        if let failure = extent.file.append(record, at: extent.length) {
            // What could not be taken back is passed over by whoever reads the segment.
            if !failure.isRestored { isOpen = false }
            throw .system(failure.error)
        }
        segments[last].length += record.count
        bytes += record.count
        waiting += 1
        if unsynced.last !== extent.file { unsynced.append(extent.file) }
    }

    /// Makes the next segment, and passes over numbers that somebody else has given to files.
    private mutating func open(in home: SpoolHome) throws(SystemError) {
        try home.check()
        for number in nextNumber..<nextNumber + Self.mostTaken {
            guard SpoolSegment.isNumber(number) else {
                throw SystemError(action: "number a file in \(home.path)", code: EOVERFLOW)
            }
            do throws(SystemError) {
                segments.append(Extent(file: try SpoolSegment(number, in: home.path, isNew: true), length: 0))
            } catch {
                guard error.code == EEXIST else { throw error }
                continue
            }
            nextNumber = number + 1
            (isOpen, hasNewNames) = (true, true)
            return
        }
        throw SystemError(action: "number a file in \(home.path)", code: EEXIST)
    }

    /// Takes no more into a segment that somebody has cut off, and counts it once.
    mutating func sealCut(_ file: SpoolSegment) {
        guard let index = segments.firstIndex(where: { $0.file === file }), !segments[index].isCut else { return }
        segments[index].isCut = true
        cutSegments += 1
        if index == segments.count - 1 { isOpen = false }
    }

    /// Removes the segments that have been delivered as a whole; the one that is written to only when asked to.
    ///
    /// Nothing is removed from a folder that may be another process's.
    mutating func removeDelivered(in home: SpoolHome, includingActive: Bool) {
        while let first = segments.first {
            let isActive = isOpen && segments.count == 1
            let end = SpoolPosition(segment: first.file.number, offset: first.length)
            guard acknowledged >= end, !isActive || includingActive && first.length > 0 else { return }
            if home.isInPlace { first.file.remove() }
            unsynced.removeAll { $0 === first.file }
            segments.removeFirst()
            bytes -= first.length
            if isActive { isOpen = false }
        }
    }

    /// Takes no more into the last segment when it is among these.
    mutating func seal(_ files: [SpoolSegment]) {
        guard let last = segments.last, files.contains(where: { $0 === last.file }) else { return }
        isOpen = false
    }

    /// Puts a copy in the place of a segment; one that has been delivered meanwhile needs none.
    mutating func replace(_ file: SpoolSegment, with copy: SpoolSegment) {
        guard let index = segments.firstIndex(where: { $0.file === file }) else { return copy.remove() }
        segments[index].file = copy
        hasNewNames = true
    }

    /// How far a segment has been written.
    func extent(of number: UInt64) -> (segment: SpoolSegment, length: Int, isSealed: Bool)? {
        guard let index = segments.firstIndex(where: { $0.file.number == number }) else { return nil }
        let isSealed = index < segments.count - 1 || !isOpen
        return (segments[index].file, segments[index].length, isSealed)
    }

    /// How many numbers in a row are passed over.
    private static let mostTaken: UInt64 = 1000
}
