/// Takes out of a request's host and path what may hold secrets, for everything that is written down of a request.
///
/// What is in a segment's text itself, such as `/reset/TOKEN`, stays: nothing shows that it is a secret.
package enum TargetRedaction {
    /// The path of a request's target in any of its forms (RFC 9112, 3.2), without scheme, users, query, fragment and
    /// parameters of segments (`;jsessionid=…`), whether what begins these is percent-encoded, however often, or not.
    ///
    /// - Parameter target: what the client asked for, as it stands.
    package static func path(_ target: String) -> String {
        let bytes = Array(target.utf8)
        // Most targets have nothing to look at.
        if bytes.first == slash, !bytes.contains(where: isOfInterest) { return target }
        return path(RedactedText(bytes))
    }

    /// A host without a user before it.
    ///
    /// - Parameter authority: the host as it stands, with or without a port.
    package static func host(_ authority: String) -> String {
        let text = RedactedText(Array(authority.utf8))
        return text.text(withoutUser(text.characters[...]))
    }

    private static func path(_ text: RedactedText) -> String {
        var rest = text.characters[...]
        if let end = rest.firstIndex(where: { isQuery($0.byte) }) { rest = rest[..<end] }
        if let first = rest.first, !isSlash(first.byte), let scheme = endOfScheme(rest) {
            rest = rest[scheme...]
            guard let path = rest.firstIndex(where: { isSlash($0.byte) }) else { return "/" }
            rest = rest[path...]
        }
        var kept: [ArraySlice<RedactedText.Character>] = []
        var before: [ArraySlice<RedactedText.Character>] = []
        while true {
            let end = rest.firstIndex { isSlash($0.byte) } ?? rest.endIndex
            kept.append(segment(rest[..<end], after: before))
            before.append(rest[..<end])
            guard end < rest.endIndex else { break }
            kept.append(rest[end...end])
            rest = rest[(end + 1)...]
        }
        return text.text(kept.joined())
    }

    private static func segment(
        _ text: ArraySlice<RedactedText.Character>,
        after before: [ArraySlice<RedactedText.Character>]
    ) -> ArraySlice<RedactedText.Character> {
        // A host is at the beginning of a target without a slash, behind two slashes, and behind a scheme that lost one of them.
        let isHost = before.isEmpty || before.count > 1 && (before.last?.last.map { $0.byte == colon } ?? true)
        let bare = isHost || hasPassword(text) ? withoutUser(text) : text
        // Behind parameters, what looks like a user's end may be within the value of one.
        guard !text[..<bare.startIndex].contains(where: { $0.byte == semicolon }) else { return [] }
        return bare.prefix { $0.byte != semicolon }
    }

    /// Where a target that begins with a scheme goes on behind its two slashes.
    private static func endOfScheme(_ text: ArraySlice<RedactedText.Character>) -> Int? {
        text.indices.first { index in
            index + 2 < text.endIndex && text[index].byte == colon && isSlash(text[index + 1].byte)
                && isSlash(text[index + 2].byte)
        }.map { $0 + 3 }
    }

    /// Whether a segment looks like `user:password@…`, as one of an address that was written into a path does.
    private static func hasPassword(_ text: ArraySlice<RedactedText.Character>) -> Bool {
        guard let first = text.firstIndex(where: { $0.byte == colon }) else { return false }
        return text[first...].contains { $0.byte == at }
    }

    private static func withoutUser(
        _ text: ArraySlice<RedactedText.Character>
    ) -> ArraySlice<RedactedText.Character> {
        text.lastIndex { $0.byte == at }.map { text[($0 + 1)...] } ?? text
    }

    private static let slash = UInt8(ascii: "/")
    private static let colon = UInt8(ascii: ":")
    private static let at = UInt8(ascii: "@")
    private static let semicolon = UInt8(ascii: ";")

    private static func isQuery(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") }

    /// Many readers of addresses take a backslash for a slash.
    private static func isSlash(_ byte: UInt8) -> Bool { byte == slash || byte == UInt8(ascii: "\\") }

    private static func isOfInterest(_ byte: UInt8) -> Bool { "?#;@%".utf8.contains(byte) }
}

/// A text whose characters are known by what they mean once every escape, and every escape of one, is decoded.
private struct RedactedText {
    /// A character: what it means, and where it stands.
    struct Character {
        var byte: UInt8
        var range: Range<Int>
    }

    private let bytes: [UInt8]
    let characters: [Character]

    init(_ bytes: [UInt8]) {
        var characters: [Character] = []
        characters.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            characters.append(Character(byte: byte, range: index..<index + 1))
            // What two digits make may be the end of another escape, as in `%253F`.
            while let decoded = Self.escape(at: characters.count - 3, in: characters) {
                let start = characters[characters.count - 3].range.lowerBound
                characters.removeLast(3)
                characters.append(Character(byte: decoded, range: start..<index + 1))
            }
        }
        self.bytes = bytes
        self.characters = characters
    }

    /// The characters as they stood.
    func text(_ characters: some Sequence<Character>) -> String {
        String(decoding: characters.flatMap { bytes[$0.range] }, as: UTF8.self)
    }

    private static func escape(at index: Int, in characters: [Character]) -> UInt8? {
        guard index >= 0, characters[index].byte == UInt8(ascii: "%"),
            let high = digit(characters[index + 1].byte), let low = digit(characters[index + 2].byte)
        else { return nil }
        return UInt8(high << 4 | low)
    }

    private static func digit(_ byte: UInt8) -> Int? {
        Swift.Character(Unicode.Scalar(byte)).hexDigitValue
    }
}
