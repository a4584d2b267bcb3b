import Yams

/// A line and a column of a text, both counted from 1.
struct SourceMark: Equatable, Sendable {
    var line: Int
    var column: Int
}

extension SourceMark {
    /// The place that the YAML library names; the beginning of the text when it names none.
    init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }

    /// The place of a value under the key path `path`.
    func place(_ path: String = "", file: String = "") -> ConfigurationPlace {
        ConfigurationPlace(file: file, line: line, column: column, path: path)
    }
}
