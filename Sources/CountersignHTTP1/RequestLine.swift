/// The first line of a request (RFC 9112 section 3).
struct RequestLine {
    let method: RequestMethod
    let methodRange: ByteRange
    let target: ByteRange
    let version: HTTPVersion

    /// The offset after the CRLF.
    let end: Int

    /// Scans the line that begins at `start`.
    @inline(__always)
    init(_ bytes: Span<UInt8>, at start: Int, limits: HeadLimits) throws(ScanInterruption) {
        let window = LineWindow(
            bytes.count,
            lineAt: start,
            maxLine: limits.maxRequestLineBytes,
            excess: .requestLineTooLong,
            maxHead: limits.maxHeadBytes
        )
        let methodEnd = bytes.endOfToken(from: start)
        guard methodEnd < window.end else {
            throw window.interruption
        }
        guard bytes[methodEnd] == .space, methodEnd > start else {
            throw bytes.interruption(at: methodEnd, otherwise: .malformedMethod)
        }
        let targetEnd = bytes.endOfTarget(from: methodEnd &+ 1)
        guard targetEnd < window.end else {
            throw window.interruption
        }
        guard bytes[targetEnd] == .space, targetEnd > methodEnd &+ 1 else {
            throw Self.targetInterruption(bytes, targetEnd)
        }
        (self.version, self.end) = try Self.scanVersion(bytes, at: targetEnd &+ 1, window)
        self.method = RequestMethod(word: bytes.word(at: start), length: methodEnd &- start)
        self.methodRange = ByteRange(start: start, end: methodEnd)
        self.target = ByteRange(start: methodEnd &+ 1, end: targetEnd)
    }

    @inline(__always)
    private static func scanVersion(
        _ bytes: Span<UInt8>,
        at start: Int,
        _ window: LineWindow
    ) throws(ScanInterruption) -> (version: HTTPVersion, end: Int) {
        let end = start &+ 8
        guard let version = HTTPVersion(word: bytes.word(at: start)) else {
            throw versionInterruption(bytes, start, window)
        }
        guard end < window.end else {
            throw window.interruption
        }
        return (version, try bytes.endOfLine(at: end, otherwise: .malformedVersion))
    }

    /// Why the bytes at `start` are not one of the two versions.
    @inline(never)
    private static func versionInterruption(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ window: LineWindow
    ) -> ScanInterruption {
        let stop = bytes.endOfTarget(from: start)
        guard stop < window.end else {
            return window.interruption
        }
        guard bytes[stop] == .carriageReturn else {
            return bytes.interruption(at: stop, otherwise: .malformedRequestLine)
        }
        guard let next = bytes.byte(at: stop &+ 1) else {
            return .needMore
        }
        guard next == .lineFeed else {
            return .violation(.bareCarriageReturn, at: stop)
        }
        let isVersion = isWellFormedVersion(bytes, ByteRange(start: start, end: stop))
        return .violation(isVersion ? .unsupportedVersion : .malformedVersion, at: start)
    }

    /// Whether `range` is `HTTP/`, a digit, a dot and a digit.
    static func isWellFormedVersion(_ bytes: Span<UInt8>, _ range: ByteRange) -> Bool {
        range.count == 8
            && bytes.word(at: range.start).prefix(5) == ByteWord("HTTP/")
            && bytes[range.start &+ 5].isDigit
            && bytes[range.start &+ 6] == 0x2E
            && bytes[range.start &+ 7].isDigit
    }

    /// What is wrong with a target that ends at `end`, where there is no space or no target.
    @inline(never)
    private static func targetInterruption(_ bytes: Span<UInt8>, _ end: Int) -> ScanInterruption {
        // A line that ends here has no version at all, as in HTTP/0.9.
        let endsLine = bytes[end] == .carriageReturn
        return bytes.interruption(at: end, otherwise: endsLine ? .malformedRequestLine : .malformedTarget)
    }
}
