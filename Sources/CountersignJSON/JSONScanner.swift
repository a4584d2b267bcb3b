/// Walks through a JSON document value by value, without making any of them.
///
/// For documents that come by the thousand and of which little is wanted. The grammar is as strict as that of
/// `JSONValue`, but for text that nobody looks at: whether it is UTF-8 shows when it is made a string.
package struct JSONScanner: Sendable {
    /// Where in the document the scanner is.
    package private(set) var position: Int
    private let end: Int

    /// Begins at the start of a part of some bytes.
    package init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next byte that is no space, or `nil` at the end.
    package mutating func peek(_ bytes: Span<UInt8>) -> UInt8? {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return bytes[position]
            }
        }
        return nil
    }

    /// Takes a byte of punctuation if it is next.
    package mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard peek(bytes) == byte else { return false }
        position += 1
        return true
    }

    /// Takes the `null` that stands for an absent value, if it is next.
    package mutating func takeNull(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        guard peek(bytes) == UInt8(ascii: "n") else { return false }
        try word("null", bytes)
        return true
    }

    /// Steps into an object; then ``member(_:first:)`` gives its names.
    package mutating func beginObject(_ bytes: Span<UInt8>) throws(JSONError) {
        guard take(UInt8(ascii: "{"), bytes) else { throw error("an object is expected") }
    }

    /// The name of the next member, after which its value must be taken; `nil` after the object's end.
    ///
    /// - Parameters:
    ///   - bytes: the document.
    ///   - isFirst: whether it is the object's first, and is none from then on.
    package mutating func member(_ bytes: Span<UInt8>, first isFirst: inout Bool) throws(JSONError) -> JSONText? {
        if take(UInt8(ascii: "}"), bytes) { return nil }
        if !isFirst, !take(UInt8(ascii: ","), bytes) { throw error("',' or '}' is expected") }
        isFirst = false
        guard peek(bytes) == UInt8(ascii: "\"") else { throw error("a member name in quotes is expected") }
        let name = try string(bytes)
        guard take(UInt8(ascii: ":"), bytes) else { throw error("':' is expected after a member name") }
        return name
    }

    /// Steps into an array.
    package mutating func beginArray(_ bytes: Span<UInt8>) throws(JSONError) {
        guard take(UInt8(ascii: "["), bytes) else { throw error("an array is expected") }
    }

    /// Whether another element follows, which must be taken then.
    package mutating func element(_ bytes: Span<UInt8>, first isFirst: inout Bool) throws(JSONError) -> Bool {
        if take(UInt8(ascii: "]"), bytes) { return false }
        if !isFirst, !take(UInt8(ascii: ","), bytes) { throw error("',' or ']' is expected") }
        isFirst = false
        return true
    }

    /// The place of a string.
    package mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> JSONText {
        guard take(UInt8(ascii: "\""), bytes) else { throw error("a string is expected") }
        let start = position
        var isEscaped = false
        while position < end {
            skipPlain(bytes)
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                defer { position += 1 }
                return JSONText(start: start, end: position, isEscaped: isEscaped)
            }
            guard byte >= 0x20 else { throw error("a control character in a string; write it as an escape") }
            if byte == UInt8(ascii: "\\") {
                isEscaped = true
                position += 1
            }
            position += 1
        }
        throw error("the document ends inside a string")
    }

    /// Passes over bytes of a string, eight at a time, up to the first quote, backslash or control character.
    private mutating func skipPlain(_ bytes: Span<UInt8>) {
        let raw = unsafe bytes.bytes
        var at = position
        // The last byte is left to the caller, who looks at one in any case.
        while end - at > 8 {
            // SAFETY: eight bytes from `at` are within the document, and every pattern of bits is a number.
            let word = UInt64(littleEndian: unsafe raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            let quote = word ^ (Self.ones &* UInt64(UInt8(ascii: "\"")))
            let backslash = word ^ (Self.ones &* UInt64(UInt8(ascii: "\\")))
            // The highest bit of each byte that is zero, zero, or less than a space; a byte of 128 or more is none of them.
            let found =
                ((quote &- Self.ones) & ~quote | (backslash &- Self.ones) & ~backslash
                    | (word &- (Self.ones &* 0x20)) & ~word) & (Self.ones &* 0x80)
            guard found == 0 else {
                // What a subtraction borrows spoils only bytes behind one that is found: the first is where it says.
                at += found.trailingZeroBitCount / 8
                break
            }
            at += 8
        }
        position = at
    }

    /// A one in each byte of a word.
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// A whole number without fraction and exponent.
    package mutating func integer(_ bytes: Span<UInt8>) throws(JSONError) -> Int64 {
        _ = peek(bytes)
        let isNegative = take(UInt8(ascii: "-"), bytes)
        let start = position
        var value: Int64 = 0
        while position < end, case let digit = bytes[position] &- UInt8(ascii: "0"), digit <= 9 {
            let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = shifted.addingReportingOverflow(Int64(digit))
            guard !isTooLarge, !overflows else { throw error("the number is out of range") }
            value = sum
            position += 1
        }
        guard position > start, position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
            throw error("a whole number is expected, without leading zeros")
        }
        if position < end, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[position]) {
            throw error("a whole number is expected")
        }
        return isNegative ? -value : value
    }

    /// Passes over a value of any kind.
    ///
    /// - Returns: its place.
    @discardableResult
    package mutating func skip(_ bytes: Span<UInt8>, depth: Int = 0) throws(JSONError) -> Range<Int> {
        guard depth < JSONValue.maximumDepth else {
            throw error("nested deeper than \(JSONValue.maximumDepth) levels")
        }
        guard let byte = peek(bytes) else { throw error("the document ends where a value is expected") }
        let start = position
        switch byte {
        case UInt8(ascii: "\""): _ = try string(bytes)
        case UInt8(ascii: "t"): try word("true", bytes)
        case UInt8(ascii: "f"): try word("false", bytes)
        case UInt8(ascii: "n"): try word("null", bytes)
        case UInt8(ascii: "{"):
            try beginObject(bytes)
            var isFirst = true
            while try member(bytes, first: &isFirst) != nil { try skip(bytes, depth: depth + 1) }
        case UInt8(ascii: "["):
            try beginArray(bytes)
            var isFirst = true
            while try element(bytes, first: &isFirst) { try skip(bytes, depth: depth + 1) }
        default: try number(bytes)
        }
        return start..<position
    }

    /// Makes sure that nothing follows.
    package mutating func finish(_ bytes: Span<UInt8>) throws(JSONError) {
        guard peek(bytes) == nil else { throw error("something follows the end of the document") }
    }

    /// An error at this place.
    package func error(_ message: String) -> JSONError {
        JSONError(at: "byte \(position)", message)
    }

    private mutating func word(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        let isThere = word.withUTF8Buffer { letters in
            guard end - position >= letters.count else { return false }
            for index in letters.indices where unsafe letters[index] != bytes[position + index] { return false }
            return true
        }
        guard isThere else { throw error("a value is expected") }
        position += word.utf8CodeUnitCount
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) {
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let start = position
        guard digits(bytes) > 0, position == start + 1 || bytes[start] != UInt8(ascii: "0") else {
            throw error("a value is expected")
        }
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard digits(bytes) > 0 else { throw error("a digit is expected after the decimal point") }
        }
        guard position < end, bytes[position] | 0x20 == UInt8(ascii: "e") else { return }
        position += 1
        if position < end, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
            position += 1
        }
        guard digits(bytes) > 0 else { throw error("a digit is expected in the exponent") }
    }

    private mutating func digits(_ bytes: Span<UInt8>) -> Int {
        let start = position
        while position < end, bytes[position] &- UInt8(ascii: "0") <= 9 { position += 1 }
        return position - start
    }
}

/// The place of a string in a document, between its quotes.
package struct JSONText: Sendable, Equatable {
    /// Where it begins.
    package let start: Int
    /// Where it ends.
    package let end: Int
    /// Whether it has escapes, so that its bytes are not its text.
    package let isEscaped: Bool

    /// Whether the bytes are those of an ASCII text without escapes.
    package func matches(_ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
        guard !isEscaped, end - start == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { letters in
            for index in letters.indices where unsafe letters[index] != bytes[start + index] { return false }
            return true
        }
    }

    /// The text.
    ///
    /// - Throws: ``JSONError`` when it is not UTF-8 or has a wrong escape.
    package func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        guard isEscaped else {
            guard let text = try? UTF8Span(validating: bytes.extracting(start..<end)) else {
                throw JSONError(at: "byte \(start)", "the string is not UTF-8")
            }
            return String(copying: text)
        }
        var content: [UInt8] = []
        content.reserveCapacity(end - start + 2)
        for index in start - 1...end { content.append(bytes[index]) }
        guard case .string(let text) = try JSONValue(parsing: content) else {
            throw JSONError(at: "byte \(start)", "a string is expected")
        }
        return text
    }
}
