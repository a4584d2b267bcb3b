/// When one certificate is renewed, when its state becomes alarming, and when it ends.
///
/// All moments are in Unix milliseconds, and ordered: start, ``renewAt``, ``due``, ``endangeredAt``, ``end``.
package struct RenewalSchedule: Sendable, Hashable {
    /// The moment by the rule, at the latest.
    package let due: Int64
    /// The moment for this holder: up to a tenth of the time from the start to ``due`` earlier, so that a fleet whose
    /// certificates are of the same age does not renew at once.
    package let renewAt: Int64
    /// From when on a certificate that is still in use means trouble.
    package let endangeredAt: Int64
    /// The first moment at which it is not valid any more.
    package let end: Int64

    /// How much of the time before ``due`` renewals of a fleet spread over.
    package static let jitterShare = 0.1
    /// The part of the lifetime that has to be left, unless told otherwise.
    package static let defaultReserve = 0.2
    /// A rule may not come true before this part of the lifetime has passed: a profile that says "14 days before the
    /// end" with certificates of one day would renew without a pause.
    private static let earliestShare = 0.05

    /// Plans one certificate.
    ///
    /// - Parameters:
    ///   - validity: from when to when it is valid.
    ///   - rule: when the authority wants it renewed.
    ///   - jitter: how much earlier than that, so that many do not renew at once.
    ///   - reserve: the part of the lifetime, between 0 and 1, below which it is alarming when no renewal has come. Where
    ///     the rule comes so late that little more is left, it is half of the time that the rule leaves.
    package init(_ validity: IssuedValidity, rule: RenewalRule, jitter: Jitter, reserve: Double = defaultReserve) {
        let start = validity.start
        let end = validity.end
        let lifetime = end - start
        let earliest = start + Self.share(Self.earliestShare, of: lifetime)
        let due = min(max(rule.dueTime(start: start, end: end), earliest), end)
        self.due = due
        self.renewAt = due - Self.share(Self.jitterShare * jitter.fraction(0), of: due - start)
        self.endangeredAt = max(end - Self.share(reserve, of: lifetime), due + (end - due) / 2)
        self.end = end
    }

    /// Whether only an emergency renewal helps: it has ended already.
    package func isExpired(at now: Int64) -> Bool {
        now >= end
    }

    /// The next of its moments after `now`; nil when all have passed.
    package func nextMoment(after now: Int64) -> Int64? {
        [renewAt, endangeredAt, end].first { $0 > now }
    }

    private static func share(_ fraction: Double, of length: Int64) -> Int64 {
        RenewalRule.fraction(fraction).dueTime(start: 0, end: length)
    }
}
