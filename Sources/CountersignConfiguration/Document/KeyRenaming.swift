/// Renames keys that a mapping has twice, so that the rest of the text can still be checked.
struct KeyRenaming {
    private struct Insertion {
        var line: Int
        var column: Int
        var length: Int
    }

    private var insertions: [Insertion] = []

    /// Returns `text` with one of `keys`, which starts at `mark`, under another name; nil when that cannot be done.
    mutating func rename(oneOf keys: [String], at mark: SourceMark, in text: String) -> String? {
        guard text.utf8.count * (insertions.count + 1) <= Self.maximumBytes, let start = Self.index(of: mark, in: text)
        else { return nil }
        var position = start
        if let quote = text[position...].first, quote == "\"" || quote == "'" {
            position = text.index(after: position)
        }
        guard keys.contains(where: { !$0.isEmpty && text[position...].hasPrefix($0) }) else { return nil }
        let prefix = "\(Self.marker)\(insertions.count)\(Self.marker)"
        let column = mark.column + (position == start ? 0 : 1)
        insertions.append(Insertion(line: mark.line, column: column, length: prefix.unicodeScalars.count))
        var renamed = text
        renamed.insert(contentsOf: prefix, at: position)
        return renamed
    }

    /// Returns the name that a renamed key has in the file; nil for a key that was not renamed.
    static func originalName(of key: String) -> String? {
        guard key.first == marker, let end = key.dropFirst().firstIndex(of: marker) else { return nil }
        return String(key[key.index(after: end)...])
    }

    /// Returns the place in the file of a place in the renamed text.
    func original(_ mark: SourceMark) -> SourceMark {
        var column = mark.column
        for insertion in insertions.reversed() where insertion.line == mark.line && insertion.column < column {
            column = max(insertion.column, column - insertion.length)
        }
        return SourceMark(line: mark.line, column: column)
    }

    private static func index(of mark: SourceMark, in text: String) -> String.Index? {
        var line = 1
        var start = text.startIndex
        while line < mark.line {
            guard let newline = text[start...].firstIndex(where: \.isNewline) else { return nil }
            start = text.index(after: newline)
            line += 1
        }
        let scalars = text.unicodeScalars
        guard let index = scalars.index(start, offsetBy: mark.column - 1, limitedBy: scalars.endIndex),
            index < scalars.endIndex
        else { return nil }
        return index
    }

    /// A private-use character, which no key of ours holds.
    private static let marker: Character = "\u{E000}"

    /// Each renaming composes the text again; this bounds how many bytes are composed in all.
    private static let maximumBytes = 1024 * 1024
}
