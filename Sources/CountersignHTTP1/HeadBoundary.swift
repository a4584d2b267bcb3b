/// Looks for the end of a head that arrives in pieces, without looking at any byte twice.
///
/// It remembers where it stopped, so that a peer which sends a head byte by byte costs no more than one which sends it
/// whole. It refuses at once what no head may hold (a bare LF or CR, NUL and the other controls) and what is over a
/// limit; everything else about the head is for the scanner, once the head is complete. A head that a scanner takes
/// is complete here too, with the same length, however it was cut.
package struct HeadBoundary: Sendable {
    /// Where the search has come to.
    package enum Result: Equatable, Sendable {
        /// The head goes on past the bytes that there are.
        case incomplete

        /// The head is this many bytes long, with the blank line that ends it and an empty line before it, if any.
        case complete(Int)

        /// The head is to be refused and the connection closed.
        case violation(ProtocolViolation)
    }

    /// The offset before which every byte has been looked at.
    private var position = 0

    /// Where the current line begins.
    private var lineStart = 0

    /// How many lines that are not empty have ended.
    private var lines = 0

    /// Makes a search that begins at offset 0.
    package init() {}

    /// Begins a new search at offset 0, for the next head.
    package mutating func reset() {
        self = HeadBoundary()
    }

    /// Goes on with the search.
    ///
    /// `bytes` is everything that has arrived of the head, from its first byte: what was there the last time, unchanged,
    /// and more.
    package mutating func advance(_ bytes: Span<UInt8>, limits: HeadLimits) -> Result {
        do throws(ScanInterruption) {
            while true {
                let start = lineStart
                let end = try endOfLine(bytes, limits)
                if end == start &+ 2, let length = try endEmptyLine(end, limits) {
                    return .complete(length)
                }
            }
        } catch {
            switch ScanResult(error, scanned: bytes.count, limits) {
            case .violation(let violation): return .violation(violation)
            case .needMore, .complete: return .incomplete
            }
        }
    }

    /// Finds the end of the current line and makes the next one current; returns the offset between the two.
    private mutating func endOfLine(_ bytes: Span<UInt8>, _ limits: HeadLimits) throws(ScanInterruption) -> Int {
        let isFirst = lines == 0
        let window = LineWindow(
            bytes.count,
            lineAt: lineStart,
            maxLine: isFirst ? limits.maxRequestLineBytes : limits.maxHeaderLineBytes,
            excess: isFirst ? .requestLineTooLong : .fieldLineTooLong,
            maxHead: limits.maxHeadBytes
        )
        var stop = bytes.endOfContent(from: position)
        while stop < window.end, bytes[stop] == .tab {
            stop = bytes.endOfContent(from: stop &+ 1)
        }
        guard stop < window.end else {
            position = min(stop, bytes.count)
            throw window.interruption
        }
        position = stop
        let end = try bytes.endOfLine(at: stop)
        if end > lineStart &+ 2 {
            guard lines <= limits.maxHeaderCount else {
                throw .violation(.tooManyFields, at: lineStart)
            }
            lines &+= 1
        }
        lineStart = end
        position = end
        return end
    }

    /// The length of the head that an empty line up to `end` ends; nil when it is the one that may precede a head.
    private func endEmptyLine(_ end: Int, _ limits: HeadLimits) throws(ScanInterruption) -> Int? {
        guard lines > 0 else {
            guard end == 2 else {
                throw .violation(.emptyRequestLine, at: end &- 2)
            }
            return nil
        }
        guard end <= limits.maxHeadBytes else {
            throw .violation(.headTooLarge, at: limits.maxHeadBytes)
        }
        return end
    }
}
