/// Counts latencies in buckets that are at most 1.6 % wide, so that recording costs the same however many there are.
struct LatencyHistogram {
    private static let subBucketBits = 6
    private static let subBuckets = 1 << subBucketBits

    private var counts = [UInt64](repeating: 0, count: (64 - subBucketBits + 1) * subBuckets)
    private(set) var count: UInt64 = 0
    private(set) var maximum: UInt64 = 0

    mutating func record(_ nanoseconds: UInt64) {
        counts[Self.bucket(of: nanoseconds)] += 1
        count += 1
        maximum = max(maximum, nanoseconds)
    }

    /// The smallest bucket's upper end below which the given fraction of the values lies, in nanoseconds.
    func value(atFraction fraction: Double) -> UInt64 {
        let wanted = max(1, UInt64((Double(count) * fraction).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, number) in counts.enumerated() {
            seen += number
            if seen >= wanted { return min(Self.upperEnd(of: bucket), maximum) }
        }
        return maximum
    }

    private static func bucket(of value: UInt64) -> Int {
        let bits = 64 - value.leadingZeroBitCount
        guard bits > subBucketBits else { return Int(value) }
        let shift = bits - subBucketBits - 1
        return (shift + 1) * subBuckets + Int(value >> UInt64(shift)) - subBuckets
    }

    private static func upperEnd(of bucket: Int) -> UInt64 {
        guard bucket >= subBuckets else { return UInt64(bucket) }
        let shift = UInt64(bucket / subBuckets - 1)
        return ((UInt64(bucket % subBuckets + subBuckets) + 1) << shift) - 1
    }
}
