extension Duration {
    /// The duration in whole nanoseconds, at least 0 and at most what a `UInt64` holds.
    @inlinable package var nanoseconds: UInt64 {
        let attoseconds = attoseconds
        guard attoseconds > 0 else { return 0 }
        // Each request asks a few times, of durations below two hours: theirs, without their factor of 512, fit one word.
        let shifted = attoseconds >> 9
        if let word = UInt64(exactly: shifted) { return word / (1_000_000_000 >> 9) }
        return UInt64(clamping: shifted / (1_000_000_000 >> 9))
    }
}
