/// Tells whether a YAML text could hold an alias bomb, without building anything from it.
///
/// A few aliases of aliases stand for billions of values. Anchors and aliases are refused once the text is composed,
/// with their exact place; composing itself must be cheap, though, and this check bounds how far aliases can multiply.
/// It looks at bytes alone, so quotes and block texts cannot hide a reference from it.
struct YAMLReferenceGuard {
    private var firstAnchor: SourceMark?
    private var aliases = 0

    /// Returns the first anchor-like word of `text` when it comes with more aliases than composing can bear.
    static func excess(in text: String) -> SourceMark? {
        var state = YAMLReferenceGuard()
        var line = 1
        var column = 0
        var previous = newline
        var beforePrevious = newline
        for byte in text.utf8 {
            if byte >= UInt8(ascii: "-") && (beforePrevious <= space || isIndicator(beforePrevious)) {
                state.note(previous, SourceMark(line: line, column: column))
            }
            if byte == newline {
                line += 1
                column = 0
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
            (beforePrevious, previous) = (previous, byte)
        }
        return state.aliases > maximumAliases ? state.firstAnchor : nil
    }

    private mutating func note(_ sign: UInt8, _ place: SourceMark) {
        if sign == UInt8(ascii: "*") {
            aliases += 1
        } else if sign == UInt8(ascii: "&"), firstAnchor == nil {
            firstAnchor = place
        }
    }

    private static func isIndicator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":"): true
        case 0x80...: true
        default: false
        }
    }

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    /// Eight aliases multiply a text by less than twenty.
    private static let maximumAliases = 8
}
