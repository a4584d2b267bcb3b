/// Why a step of a scan could not be finished; the typed error between the steps of this target.
enum ScanInterruption: Error {
    /// The bytes ended before the step did.
    case needMore

    /// The bytes are refused.
    case violation(ProtocolViolation)

    /// A refusal for `code`, found at `offset`.
    static func violation(_ code: ProtocolViolation.Code, at offset: Int) -> ScanInterruption {
        .violation(ProtocolViolation(code, at: offset))
    }
}
