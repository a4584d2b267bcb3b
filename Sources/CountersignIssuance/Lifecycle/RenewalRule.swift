/// When a certificate is renewed.
package enum RenewalRule: Sendable, Hashable {
    /// When this fraction of its lifetime, between 0 and 1, has passed.
    case fraction(Double)
    /// This many seconds before its end.
    case before(seconds: Int64)

    /// The second at which a certificate of this validity is due, without jitter; never after its end.
    package func dueTime(notBefore: Int64, notAfter: Int64) -> Int64 {
        let lifetime = max(notAfter &- notBefore, 0)
        switch self {
        case .fraction(let fraction):
            return notBefore + Int64((Double(lifetime) * min(max(fraction, 0), 1)).rounded(.down))
        case .before(let seconds):
            return max(notBefore, notAfter - max(seconds, 0))
        }
    }
}
