import FoundationEssentials
import GRDB

/// Columns for lists and dictionaries of text, as JSON, so that SQLite's own functions can look into them.
enum TextListColumn {
    /// The column's value of a list.
    static func value(_ list: [String]) -> DatabaseValue {
        guard !list.isEmpty else { return "[]".databaseValue }
        guard list.allSatisfy({ $0.utf8.allSatisfy(Self.isPlain) }) else { return Self.json(list) }
        return "[\"\(list.joined(separator: "\",\""))\"]".databaseValue
    }

    /// The column's value of a dictionary.
    static func value(_ dictionary: [String: String]) -> DatabaseValue {
        Self.json(dictionary)
    }

    /// The list of a column's text; nil when it is none.
    static func list(_ text: String) -> [String]? {
        text == "[]" ? [] : try? JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    /// The dictionary of a column's text; nil when it is none.
    static func dictionary(_ text: String) -> [String: String]? {
        try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }

    private static func json(_ value: some Encodable) -> DatabaseValue {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts always have a JSON form; without one the column, which may not be null, refuses the row.
        guard let data = try? encoder.encode(value) else { return .null }
        return String(decoding: data, as: UTF8.self).databaseValue
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
