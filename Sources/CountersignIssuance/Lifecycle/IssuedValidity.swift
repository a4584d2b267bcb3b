/// How long a certificate is good, and since when its holder has had it.
package struct IssuedValidity: Sendable, Hashable {
    /// The first second of validity, in Unix seconds.
    package let notBefore: Int64
    /// The last second of validity, in Unix seconds.
    package let notAfter: Int64
    /// When it was issued or received, in Unix milliseconds.
    ///
    /// Authorities backdate certificates for the sake of slow clocks. Counted from ``notBefore``, half of the lifetime of
    /// a very short certificate would be over before it is received.
    package let obtainedAt: Int64

    /// A validity from `notBefore` to `notAfter`, in Unix seconds, obtained at `obtainedAt`, in Unix milliseconds; nil, where
    /// that is not known, counts from ``notBefore``.
    package init(notBefore: Int64, notAfter: Int64, obtainedAt: Int64? = nil) {
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.obtainedAt = obtainedAt ?? Self.milliseconds(notBefore)
    }

    /// The moment from which the lifetime counts, in Unix milliseconds: within the validity.
    package var start: Int64 {
        min(max(obtainedAt, Self.milliseconds(notBefore)), end)
    }

    /// The first moment at which it is not valid any more, in Unix milliseconds; never before ``notBefore``.
    package var end: Int64 {
        Self.milliseconds(max(notAfter, notBefore)) + 1000
    }

    /// Unix seconds as milliseconds, within what any clock can show.
    private static func milliseconds(_ seconds: Int64) -> Int64 {
        min(max(seconds, -farthest), farthest) * 1000
    }

    /// Beyond the year 9999, where the calendar of certificates ends.
    private static let farthest: Int64 = 1 << 40
}
