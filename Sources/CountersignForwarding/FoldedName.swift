/// Field names as a CGI, WSGI or Rack server reads them: ASCII letters without case, and every byte that is neither a
/// letter nor a digit as `-`.
enum FoldedName {
    /// Whether the folded name has `word`, which is in folded form, at `start`.
    static func begins(_ name: Span<UInt8>, at start: Int, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard name.count - start >= count else { return false }
        // The pointer is to a literal of `count` bytes, which lives as long as the program.
        let letters = unsafe word.utf8Start
        for index in 0..<count where unsafe fold(name[start + index]) != letters[index] {
            return false
        }
        return true
    }

    /// Whether the folded name is `word`, which is in folded form.
    static func equals(_ name: Span<UInt8>, _ word: StaticString) -> Bool {
        name.count == word.utf8CodeUnitCount && begins(name, at: 0, word)
    }

    @inline(__always)
    static func fold(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
        default: hyphen
        }
    }

    static let hyphen = UInt8(ascii: "-")
}
