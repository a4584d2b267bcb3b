import Synchronization

/// Counts events by key against a ``RateLimit``; keys that are at rest are forgotten.
package final class RateLimiter: Sendable {
    private struct Bucket {
        var level: Double
        var updated: UInt64
    }

    private let limit: RateLimit
    private let maximumKeys: Int
    private let buckets = Mutex<[String: Bucket]>([:])

    /// A limiter that remembers `maximumKeys` keys at most; beyond that it forgets those at rest first, then all.
    package init(_ limit: RateLimit, maximumKeys: Int = 100_000) {
        self.limit = limit
        self.maximumKeys = maximumKeys
    }

    /// Counts one event of `key` at a monotonic time in nanoseconds.
    ///
    /// - Returns: whether it was within the limit.
    package func admit(_ key: String, at nanoseconds: UInt64) -> Bool {
        buckets.withLock { buckets in
            if buckets.count >= maximumKeys, buckets[key] == nil { forget(&buckets, at: nanoseconds) }
            var bucket = buckets[key] ?? Bucket(level: limit.burst, updated: nanoseconds)
            bucket.level = level(of: bucket, at: nanoseconds)
            bucket.updated = nanoseconds
            let isAdmitted = bucket.level >= 1
            if isAdmitted { bucket.level -= 1 }
            buckets[key] = bucket
            return isAdmitted
        }
    }

    private func level(of bucket: Bucket, at nanoseconds: UInt64) -> Double {
        let elapsed = Double(nanoseconds &- min(bucket.updated, nanoseconds)) / 1e9
        return min(limit.burst, bucket.level + elapsed * limit.perSecond)
    }

    private func forget(_ buckets: inout [String: Bucket], at nanoseconds: UInt64) {
        buckets = buckets.filter { level(of: $0.value, at: nanoseconds) < limit.burst }
        if buckets.count >= maximumKeys { buckets.removeAll() }
    }
}
