/// What one look at the bytes of a head found.
package enum ScanResult: Equatable, Sendable {
    /// The head is not all there and nothing in it is wrong so far.
    case needMore

    /// The head is all there and in order; the scanner's `head` and `fields` describe it.
    case complete

    /// The head is to be refused and the connection closed; the scanner's `head` and `fields` mean nothing.
    case violation(ProtocolViolation)

    /// What an interruption means after all `count` bytes that there are were looked at.
    ///
    /// A head that fills its limit and is not complete can only be too large, so nobody waits for more of it.
    @inline(never)
    init(_ interruption: ScanInterruption, scanned count: Int, _ limits: HeadLimits) {
        self =
            switch interruption {
            case .violation(let violation): .violation(violation)
            case .needMore where count >= limits.maxHeadBytes: .violation(ProtocolViolation(.headTooLarge, at: count))
            case .needMore: .needMore
            }
    }
}
