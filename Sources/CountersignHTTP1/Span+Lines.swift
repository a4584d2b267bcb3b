extension Span<UInt8> {
    /// Checks that the byte at `offset`, which is within the span, begins a CRLF; returns the offset after it.
    ///
    /// `otherwise` is what a byte that is no control violates.
    @inline(__always)
    func endOfLine(
        at offset: Int,
        otherwise: ProtocolViolation.Code = .controlByte
    ) throws(ScanInterruption) -> Int {
        guard self[offset] == .carriageReturn else {
            throw interruption(at: offset, otherwise: otherwise)
        }
        guard offset &+ 1 < count else {
            throw .needMore
        }
        guard self[offset &+ 1] == .lineFeed else {
            throw .violation(.bareCarriageReturn, at: offset)
        }
        return offset &+ 2
    }

    /// What is wrong with the byte at `offset`, which is not one that belongs there.
    ///
    /// A CR at the very end is not judged: what it violates depends on the byte after it. So a message that arrives in
    /// pieces is refused for the same reason as one that arrives whole.
    @inline(never)
    func interruption(at offset: Int, otherwise: ProtocolViolation.Code) -> ScanInterruption {
        switch self[offset] {
        case .lineFeed:
            return .violation(.bareLineFeed, at: offset)
        case .carriageReturn:
            guard let next = byte(at: offset &+ 1) else {
                return .needMore
            }
            return .violation(next == .lineFeed ? otherwise : .bareCarriageReturn, at: offset)
        case let byte where byte.isForbiddenControl:
            return .violation(.controlByte, at: offset)
        default:
            return .violation(otherwise, at: offset)
        }
    }
}
