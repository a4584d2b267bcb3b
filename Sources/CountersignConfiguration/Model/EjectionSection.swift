/// When endpoints are left out for their failures: the section `router.ejection`.
package struct EjectionSection: Hashable, Sendable {
    /// How many failures in a row eject an endpoint.
    package var consecutiveFailures = 3

    /// For how long the first time; each further time in a row is twice as long.
    package var baseTime = Duration.seconds(1)

    /// For how long at most.
    package var longestTime = Duration.seconds(30)

    /// How many of a route's endpoints are ejected for failures at most, in percent.
    package var maximumPercent = 50

    /// Whether an answer with a status of 500 or more is a failure.
    package var countsServerErrors = false

    /// The section's defaults.
    package init() {}
}

extension EjectionSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `consecutive_failures` (1...1000, default 3)
    /// - `base_time` (10ms...1h, default 1s), `max_time` (10ms...1h, default 30s; not less than `base_time`)
    /// - `max_ejection_percent` (0...100, default 50)
    /// - `count_server_errors` (boolean, default false)
    static func read(_ value: ValueReader) -> EjectionSection? {
        value.mapping("the keys of \"ejection\"") { reader in
            var section = EjectionSection()
            let times = Duration.milliseconds(10)...Duration.seconds(3600)
            section.consecutiveFailures = reader.integer(
                "consecutive_failures",
                default: section.consecutiveFailures,
                in: 1...1000
            )
            section.baseTime = reader.duration("base_time", default: section.baseTime, in: times)
            section.longestTime = reader.duration("max_time", default: section.longestTime, in: times)
            if section.baseTime > section.longestTime {
                (reader.value("max_time") ?? reader.value("base_time") ?? value)
                    .fail("max_time is less than base_time; make it as long, or longer")
            }
            section.maximumPercent = reader.integer(
                "max_ejection_percent",
                default: section.maximumPercent,
                in: 0...100
            )
            section.countsServerErrors = reader.boolean("count_server_errors", default: section.countsServerErrors)
            return section
        }
    }
}
