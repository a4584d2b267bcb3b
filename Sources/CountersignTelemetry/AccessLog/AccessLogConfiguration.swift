/// How the access log is written.
package struct AccessLogConfiguration: Sendable, Equatable {
    /// The form of a line.
    package var form: AccessLogForm = .json
    /// Whether everything behind `?` in targets and referers is replaced by `redacted`.
    package var redactsQueries = false
    /// Bytes that a loop collects before it hands them over, clamped to 1 KiB to 16 MiB.
    package var bufferSize = 65_536
    /// How long a line may wait for others to be handed over with it.
    package var flushInterval = Duration.seconds(1)
    /// Buffers that may wait for the disk, over all loops, clamped to 1 to 1024; when they are full, lines are dropped.
    package var queueDepth = 64

    /// The largest number of bytes of one field that a line shows.
    static var fieldLimit: Int { 4096 }

    /// Creates the default configuration: JSON, queries kept, 64 KiB buffers, a second's wait, 4 MiB waiting at most.
    package init() {}

    /// The buffer size within its limits.
    var clampedBufferSize: Int { min(max(self.bufferSize, 1024), 16_777_216) }

    /// The queue depth within its limits.
    var clampedQueueDepth: Int { min(max(self.queueDepth, 1), 1024) }
}
