/// When a certificate is renewed.
package enum RenewalRule: Sendable, Hashable {
    /// When this fraction of its lifetime, between 0 and 1, has passed.
    case fraction(Double)
    /// This many seconds before its end.
    case before(seconds: Int64)

    /// The moment at which a certificate is due, without jitter; never before `start`, never after `end`.
    ///
    /// - Parameters:
    ///   - start: from when on its lifetime counts, in Unix milliseconds.
    ///   - end: the first moment at which it is not valid any more, in Unix milliseconds, not before `start`.
    package func dueTime(start: Int64, end: Int64) -> Int64 {
        switch self {
        case .fraction(let fraction):
            // A fraction that is no number counts as none.
            let bounded = fraction > 0 ? min(fraction, 1) : 0
            return start + Int64((Double(end - start) * bounded).rounded(.down))
        case .before(let seconds):
            return end - min(max(seconds, 0), (end - start) / 1000) * 1000
        }
    }
}
