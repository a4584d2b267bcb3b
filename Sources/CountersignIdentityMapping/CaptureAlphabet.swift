/// Which bytes a captured value may have.
///
/// ASCII alone, so that nothing that looks like a letter passes for it; and none of the bytes that mean something in an
/// ARN, a path, a pattern or a header, so that a value stays what it was wherever it is copied to.
enum CaptureAlphabet: Sendable, Hashable {
    /// Letters, digits, `.`, `_` and `-`: a segment of a SPIFFE ID, a value of a distinguished name.
    case text
    /// Lower-case letters, digits, `_` and `-`: one label of a DNS name.
    case label

    func contains(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."):
            self == .text
        default:
            false
        }
    }
}
