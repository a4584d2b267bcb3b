/// The process's log: the section `log`.
package struct LogSection: Hashable, Sendable {
    /// How grave an entry must be to be written.
    package enum Level: String, CaseIterable, Hashable, Sendable {
        case trace
        case debug
        case info
        case notice
        case warning
        case error
        case critical
    }

    /// The form of an entry.
    package enum Format: String, CaseIterable, Hashable, Sendable {
        /// One JSON object a line.
        case json

        /// Words for a human reader.
        case text
    }

    /// How grave an entry must be to be written.
    package var level = Level.info

    /// The form of an entry.
    package var format = Format.json

    /// The section's defaults.
    package init() {}
}

extension LogSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `level` (`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`, default `info`)
    /// - `format` (`json` or `text`, default `json`)
    static func read(_ value: ValueReader) -> LogSection? {
        value.mapping("the keys of \"log\"") { reader in
            var section = LogSection()
            section.level = reader.choice("level", default: section.level)
            section.format = reader.choice("format", default: section.format)
            return section
        }
    }
}
