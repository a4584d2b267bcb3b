import CountersignIdentity

/// How endpoints are asked whether they are well: the section `health_check` of an upstream or a route.
package struct HealthCheckSection: Hashable, Sendable {
    /// What is asked for.
    package var path = "/health"

    /// The host that it is asked of; nil for the route's or the URL's.
    package var host: String?

    /// How often.
    package var interval = Duration.seconds(10)

    /// Until when the head of an answer must have come.
    package var timeout = Duration.seconds(2)

    /// How many good answers in a row make an endpoint well again.
    package var healthyThreshold = 2

    /// How many others in a row make it unwell.
    package var unhealthyThreshold = 3

    /// The statuses of good answers.
    package var statuses = 200...299

    /// The section's defaults.
    package init() {}
}

extension HealthCheckSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `path` (begins with `/`, default `/health`)
    /// - `host` (host name, default that of the route or URL)
    /// - `interval` (100ms...1h, default 10s), `timeout` (10ms...5m, default 2s; not more than `interval`)
    /// - `healthy_threshold` (1...100, default 2), `unhealthy_threshold` (1...100, default 3)
    /// - `expected_status` (a status, or two with `-` between them; default `200-299`)
    static func read(_ value: ValueReader) -> HealthCheckSection? {
        value.mapping("the keys of \"health_check\"") { reader in
            var section = HealthCheckSection()
            if let path = reader.value("path") { section.path = readPath(path) ?? section.path }
            section.host = reader.value("host")?.parsed("a host name", HostName.init(parsing:))?.description
            section.interval = reader.duration(
                "interval",
                default: section.interval,
                in: .milliseconds(100) ... .seconds(3600)
            )
            let timeouts = Duration.milliseconds(10)...Duration.seconds(300)
            section.timeout = min(section.timeout, section.interval)
            section.timeout = reader.duration("timeout", default: section.timeout, in: timeouts)
            if section.timeout > section.interval {
                (reader.value("timeout") ?? value)
                    .fail("timeout is longer than interval; a check has to end before the next one begins")
            }
            section.healthyThreshold = reader.integer(
                "healthy_threshold",
                default: section.healthyThreshold,
                in: 1...100
            )
            section.unhealthyThreshold = reader.integer(
                "unhealthy_threshold",
                default: section.unhealthyThreshold,
                in: 1...100
            )
            if let status = reader.value("expected_status") {
                section.statuses = readStatuses(status) ?? section.statuses
            }
            return section
        }
    }

    private static func readPath(_ value: ValueReader) -> String? {
        guard let path = value.text() else { return nil }
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x23 })
        else {
            value.fail("a path begins with /, and has no spaces, fragment or characters beyond ASCII")
            return nil
        }
        return path
    }

    private static func readStatuses(_ value: ValueReader) -> ClosedRange<Int>? {
        guard let text = value.scalar(expected: "a status, such as 200 or 200-299")?.text else { return nil }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard (1...2).contains(ends.count), let first = ends.first, let last = ends.last, first <= last,
            (200...599).contains(first), (200...599).contains(last)
        else {
            value.fail("expected a status of 200 to 599, or two with - between them, such as 200-299")
            return nil
        }
        return first...last
    }
}
