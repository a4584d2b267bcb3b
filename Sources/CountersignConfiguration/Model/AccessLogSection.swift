/// The log of requests: the section `router.access_log`.
package struct AccessLogSection: Hashable, Sendable {
    /// Where the lines go.
    package enum Destination: Hashable, Sendable {
        /// To standard output.
        case standardOutput

        /// To the end of a file.
        case file(String)

        /// Nowhere.
        case off
    }

    /// Where the lines go.
    package var destination = Destination.standardOutput

    /// The form of a line.
    package var format = LogSection.Format.json

    /// How long a line may wait to be written together with others.
    package var flushInterval = Duration.seconds(1)

    /// The section's defaults.
    package init() {}
}

extension AccessLogSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `path` (`-` for standard output, `off`, or a path; default `-`)
    /// - `format` (`json` or `text`, default `json`)
    /// - `flush_interval` (10ms...60s, default 1s)
    static func read(_ value: ValueReader) -> AccessLogSection? {
        value.mapping("the keys of \"access_log\"") { reader in
            var section = AccessLogSection()
            if let path = reader.value("path") {
                section.destination = readDestination(path) ?? section.destination
            }
            section.format = reader.choice("format", default: section.format)
            section.flushInterval = reader.duration(
                "flush_interval",
                default: section.flushInterval,
                in: .milliseconds(10) ... .seconds(60)
            )
            return section
        }
    }

    private static func readDestination(_ value: ValueReader) -> Destination? {
        guard let text = value.text("\"-\", \"off\" or a path") else { return nil }
        switch text {
        case "-": return .standardOutput
        case "off": return .off
        default: return value.path().map(Destination.file)
        }
    }
}
