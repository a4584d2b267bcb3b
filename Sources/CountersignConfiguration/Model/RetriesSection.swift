/// How often requests are tried again: the section `router.retries`.
package struct RetriesSection: Hashable, Sendable {
    /// How often a request is sent at most, the first time included.
    package var maximumAttempts = 3

    /// Until when after the first attempt another may begin and must have its connection.
    package var time = Duration.seconds(10)

    /// How many retries there may be for a hundred requests.
    package var percent = 20

    /// How many retries a second each worker may make in any case.
    package var minimumPerSecond = 10

    /// The section's defaults.
    package init() {}
}

extension RetriesSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `max_attempts` (1...10, default 3)
    /// - `time` (10ms...5m, default 10s)
    /// - `percent` (0...100, default 20)
    /// - `min_per_second` (0...10000, default 10)
    static func read(_ value: ValueReader) -> RetriesSection? {
        value.mapping("the keys of \"retries\"") { reader in
            var section = RetriesSection()
            section.maximumAttempts = reader.integer("max_attempts", default: section.maximumAttempts, in: 1...10)
            section.time = reader.duration("time", default: section.time, in: .milliseconds(10) ... .seconds(300))
            section.percent = reader.integer("percent", default: section.percent, in: 0...100)
            section.minimumPerSecond = reader.integer(
                "min_per_second",
                default: section.minimumPerSecond,
                in: 0...10_000
            )
            return section
        }
    }
}
