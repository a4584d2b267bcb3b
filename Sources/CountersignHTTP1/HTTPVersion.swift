/// The protocol version of a message; every other version is refused (RFC 9112 section 2.3).
package enum HTTPVersion: UInt8, Equatable, Sendable {
    /// HTTP/1.0: closes by default and has no transfer codings.
    case http10 = 0

    /// HTTP/1.1: persists by default.
    case http11 = 1

    /// Recognises `HTTP/1.0` and `HTTP/1.1` in eight bytes; nil for anything else, other versions included.
    @inline(__always)
    init?(word: ByteWord) {
        switch word.bits {
        case ByteWord("HTTP/1.1").bits: self = .http11
        case ByteWord("HTTP/1.0").bits: self = .http10
        default: return nil
        }
    }
}
