/// Reads a mapping with known keys.
///
/// It remembers the keys that were asked for; what the file has beyond them is unknown and reported.
final class MappingReader {
    /// Where the mapping starts.
    let place: ConfigurationPlace

    /// What the reading needs besides.
    let context: ReadingContext

    private let entries: [ConfigurationNode.Entry]
    private var known: [String] = []

    init(entries: [ConfigurationNode.Entry], place: ConfigurationPlace, context: ReadingContext) {
        self.entries = entries
        self.place = place
        self.context = context
    }

    /// Returns the value of `key`, or nil when the file does not have it.
    func value(_ key: String) -> ValueReader? {
        known.append(key)
        guard let entry = entries.first(where: { $0.key == key }) else { return nil }
        let place = self.place.moved(line: entry.value.line, column: entry.value.column, path: path(of: key))
        return ValueReader(node: entry.value, place: place, context: context)
    }

    /// Returns the value of `key`; when an environment variable of the name `variable` is set and not empty, that one.
    func value(_ key: String, overriddenBy variable: String) -> ValueReader? {
        let inFile = value(key)
        return override(key, by: variable) ?? inFile
    }

    /// Returns the value of an environment variable that stands in for `key`; nil when it is not set or empty.
    func override(_ key: String, by variable: String) -> ValueReader? {
        guard let text = context.variable(variable), !text.isEmpty else { return nil }
        let inFile = entries.first { $0.key == key }?.value
        let place = self.place.moved(
            line: inFile?.line ?? self.place.line,
            column: inFile?.column ?? self.place.column,
            path: "\(path(of: key)) (environment variable \(variable))"
        )
        let node = ConfigurationNode(
            content: .scalar(.init(text: text, isPlain: false)),
            line: place.line,
            column: place.column
        )
        return ValueReader(node: node, place: place, context: context, isOverride: true)
    }

    /// Returns the value of `key`, and reports when the file does not have it; `purpose` says what it is for.
    func required(_ key: String, _ purpose: String) -> ValueReader? {
        if let value = value(key) { return value }
        reportMissing(key, purpose)
        return nil
    }

    /// Reports that `key` is missing; `purpose` says what it is for.
    func reportMissing(_ key: String, _ purpose: String) {
        let place = self.place.moved(line: self.place.line, column: self.place.column, path: path(of: key))
        context.diagnostics.error("the key is missing: \(purpose)", at: place)
    }

    /// Whether the file has `key`; asking makes it known.
    func has(_ key: String) -> Bool {
        known.append(key)
        return entries.contains { $0.key == key }
    }

    /// Returns a whole number within `range`, or `standard` when the file has none.
    func integer(_ key: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        value(key)?.integer(in: range) ?? standard
    }

    /// Returns a boolean, or `standard` when the file has none.
    func boolean(_ key: String, default standard: Bool) -> Bool {
        value(key)?.boolean() ?? standard
    }

    /// Returns a duration within `range`, or `standard` when the file has none.
    func duration(_ key: String, default standard: Duration, in range: ClosedRange<Duration>) -> Duration {
        value(key)?.duration(in: range) ?? standard
    }

    /// Returns one of the names of `Choice`, or `standard` when the file has none.
    func choice<Choice>(_ key: String, default standard: Choice) -> Choice
    where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
        value(key)?.choice() ?? standard
    }

    /// Whether the file has a key that was not asked for.
    var hasUnknownKeys: Bool { entries.contains { !known.contains($0.key) } }

    /// Reports every key of the file that was not asked for.
    func reportUnknownKeys() {
        for entry in entries where !known.contains(entry.key) {
            let place = self.place.moved(line: entry.line, column: entry.column, path: path(of: entry.key))
            context.diagnostics.error(
                "unknown key",
                at: place,
                suggestion: context.diagnostics.isFull ? nil : KeySuggestion.nearest(to: entry.key, among: known)
            )
        }
    }

    private func path(of key: String) -> String { ConfigurationPlace.path(place.path, key) }
}
