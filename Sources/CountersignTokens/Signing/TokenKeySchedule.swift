/// When signing keys follow each other; all times in seconds.
package struct TokenKeySchedule: Sendable, Hashable {
    /// How long a key signs before the next takes over.
    package let rotationSeconds: Int64
    /// How long a key is published before it signs, so that every verifier has fetched it by then.
    package let leadSeconds: Int64
    /// How long a key is published after its last signature: the longest life of a token and the allowance for clocks.
    package let retentionSeconds: Int64

    /// The shortest interval between two keys.
    package static let minimumRotationSeconds: Int64 = 60

    /// A schedule.
    ///
    /// - Parameters:
    ///   - rotationSeconds: How long a key signs; at least ``minimumRotationSeconds``, and fewer count as that.
    ///   - leadSeconds: How long it is published before; counted as half the rotation at most, so that there never are
    ///     two keys that wait.
    ///   - maximumTokenSeconds: The longest life of a token.
    package init(rotationSeconds: Int64, leadSeconds: Int64, maximumTokenSeconds: Int64) {
        self.rotationSeconds = max(rotationSeconds, Self.minimumRotationSeconds)
        self.leadSeconds = min(max(leadSeconds, 0), self.rotationSeconds / 2)
        self.retentionSeconds = max(maximumTokenSeconds, 0) + TokenRequirements.maximumSkewSeconds
    }
}
