/// How far into the bytes a line may be followed, and what to say where that ends.
struct LineWindow {
    /// The offset that no step may look at or past: the end of the bytes, or one byte past what the limits allow.
    let end: Int

    private let excess: ProtocolViolation.Code?

    /// Makes the window of the line at `start` in `count` bytes of a head.
    ///
    /// - Parameters:
    ///   - maxLine: the longest line without its CRLF.
    ///   - excess: what a longer line violates.
    ///   - maxHead: the offset that no head may reach past.
    @inline(__always)
    init(_ count: Int, lineAt start: Int, maxLine: Int, excess: ProtocolViolation.Code, maxHead: Int) {
        let (sum, overflow) = start.addingReportingOverflow(maxLine)
        let lineCeiling = overflow ? Int.max : sum
        let ceiling = min(lineCeiling, maxHead, Self.lastOffset)
        if count > ceiling {
            self.end = ceiling &+ 1
            self.excess = lineCeiling == ceiling ? excess : .headTooLarge
        } else {
            self.end = count
            self.excess = nil
        }
    }

    /// The offset that no line may reach past, whatever the limits: 2 GiB, so that ``HeaderField`` can hold all offsets.
    private static var lastOffset: Int { Int(Int32.max) }

    /// Why a step that came to ``end`` cannot go on.
    var interruption: ScanInterruption {
        if let excess {
            return .violation(excess, at: end)
        }
        return .needMore
    }
}
