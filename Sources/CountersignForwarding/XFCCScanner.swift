/// Splits an `X-Forwarded-Client-Cert` value into pairs, as byte ranges; what they mean is the builder's business.
struct XFCCScanner {
    /// Where the next pair begins.
    private var index = 0

    /// What stood after a pair.
    enum End {
        /// `;`, so another pair of the element follows.
        case pair
        /// `,`, so another element follows.
        case element
        /// Nothing.
        case value
    }

    struct Pair {
        var key: Range<Int>
        /// The value without its quotes and the white space around it.
        var value: Range<Int>
        var isQuoted: Bool
        var end: End
    }

    /// Reads the next pair; not to be called after one that ended the value.
    mutating func nextPair(of bytes: Span<UInt8>) throws(ForwardedHeaderError) -> Pair {
        skipSpace(bytes)
        let key = try scanKey(bytes)
        if index < bytes.count, bytes[index] == quote {
            let value = try scanQuoted(bytes)
            skipSpace(bytes)
            return Pair(key: key, value: value, isQuoted: true, end: try scanEnd(bytes))
        }
        let value = try scanUnquoted(bytes)
        return Pair(key: key, value: value, isQuoted: false, end: try scanEnd(bytes))
    }

    private mutating func scanKey(_ bytes: Span<UInt8>) throws(ForwardedHeaderError) -> Range<Int> {
        let start = index
        while index < bytes.count, isLetterOrDigit(bytes[index]) { index += 1 }
        guard index > start else { throw malformed("a pair has no key") }
        guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else { throw malformed("a key has no =") }
        let key = start..<index
        index += 1
        return key
    }

    private mutating func scanQuoted(_ bytes: Span<UInt8>) throws(ForwardedHeaderError) -> Range<Int> {
        let start = index + 1
        index = start
        while index < bytes.count {
            switch bytes[index] {
            case quote:
                index += 1
                return start..<(index - 1)
            case UInt8(ascii: "\\"):
                index += 2
            case let byte where isText(byte):
                index += 1
            default:
                throw ForwardedHeaderError(.invalidText, "a control character", offset: index)
            }
        }
        index = start
        throw malformed("a quoted value has no end")
    }

    private mutating func scanUnquoted(_ bytes: Span<UInt8>) throws(ForwardedHeaderError) -> Range<Int> {
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: ","), bytes[index] != UInt8(ascii: ";") {
            // Within a value that is not quoted, a quote or a backslash is somebody's attempt to confuse two readers.
            guard bytes[index] != quote, bytes[index] != UInt8(ascii: "\\") else {
                throw malformed("a quote or backslash in a value that is not quoted")
            }
            // A tab may end the value; within it the builder refuses one.
            guard isText(bytes[index]) || isSpace(bytes[index]) else {
                throw ForwardedHeaderError(.invalidText, "a control character", offset: index)
            }
            index += 1
        }
        var end = index
        while end > start, isSpace(bytes[end - 1]) { end -= 1 }
        return start..<end
    }

    private mutating func scanEnd(_ bytes: Span<UInt8>) throws(ForwardedHeaderError) -> End {
        guard index < bytes.count else { return .value }
        switch bytes[index] {
        case UInt8(ascii: ";"):
            index += 1
            return .pair
        case UInt8(ascii: ","):
            index += 1
            return .element
        default:
            throw malformed("text after a quoted value")
        }
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
    }

    private func malformed(_ message: String) -> ForwardedHeaderError {
        ForwardedHeaderError(.malformedElement, message, offset: index)
    }

    private func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    private func isText(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F
    }

    private func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            false
        }
    }

    private let quote = UInt8(ascii: "\"")
}
