/// The first line of a response (RFC 9112 section 4).
struct StatusLine {
    let version: HTTPVersion
    let status: Int
    let reason: ByteRange

    /// The offset after the CRLF.
    let end: Int

    /// Scans the line at offset 0.
    ///
    /// The space before an empty reason may be missing, as many servers leave it out.
    init(_ bytes: Span<UInt8>, limits: HeadLimits) throws(ScanInterruption) {
        let window = LineWindow(
            bytes.count,
            lineAt: 0,
            maxLine: limits.maxRequestLineBytes,
            excess: .statusLineTooLong,
            maxHead: limits.maxHeadBytes
        )
        var stop = bytes.endOfContent(from: 0)
        while stop < window.end, bytes[stop] == .tab {
            stop = bytes.endOfContent(from: stop &+ 1)
        }
        guard stop < window.end else {
            throw window.interruption
        }
        self.end = try bytes.endOfLine(at: stop)
        guard let version = HTTPVersion(word: bytes.word(at: 0)) else {
            let isVersion = RequestLine.isWellFormedVersion(bytes, ByteRange(start: 0, end: min(8, stop)))
            throw .violation(isVersion ? .unsupportedVersion : .malformedStatusLine, at: 0)
        }
        guard stop >= 12, let status = Self.status(bytes), stop == 12 || bytes[12] == .space else {
            throw .violation(.malformedStatusLine, at: 8)
        }
        self.version = version
        self.status = status
        self.reason = ByteRange(start: min(13, stop), end: stop)
    }

    /// The number in the four bytes after the version: a space and three digits, from 100 to 599.
    private static func status(_ bytes: Span<UInt8>) -> Int? {
        guard bytes[8] == .space, bytes[9].isDigit, bytes[10].isDigit, bytes[11].isDigit else {
            return nil
        }
        let hundreds = Int(bytes[9] &- 0x30)
        let rest = Int(bytes[10] &- 0x30) &* 10 &+ Int(bytes[11] &- 0x30)
        return hundreds >= 1 && hundreds <= 5 ? hundreds &* 100 &+ rest : nil
    }
}
