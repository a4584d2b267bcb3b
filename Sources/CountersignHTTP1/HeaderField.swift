/// Where one field line lies in the scanned bytes, and what kind of field it is.
///
/// It takes 24 bytes: one is written for every line of every head. `LineWindow` refuses lines whose offsets would not
/// fit.
@usableFromInline
package struct HeaderField: Equatable, Sendable {
    @usableFromInline let start: UInt32
    @usableFromInline let nameEnd: UInt32
    @usableFromInline let valueStart: UInt32
    @usableFromInline let valueEnd: UInt32
    @usableFromInline let lineEnd: UInt32

    /// Which of the known fields it is.
    package let kind: FieldKind

    /// Whether a Connection field of the same head names this one, which makes it hop-by-hop: it must not be
    /// forwarded (RFC 9110 section 7.6.1).
    package internal(set) var isConnectionNominated = false

    init(start: Int, nameEnd: Int, value: ByteRange, lineEnd: Int, kind: FieldKind) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.nameEnd = UInt32(truncatingIfNeeded: nameEnd)
        self.valueStart = UInt32(truncatingIfNeeded: value.start)
        self.valueEnd = UInt32(truncatingIfNeeded: value.end)
        self.lineEnd = UInt32(truncatingIfNeeded: lineEnd)
        self.kind = kind
    }

    /// The field name, always a token of at least one byte.
    @inlinable package var name: ByteRange { ByteRange(start: Int(start), end: Int(nameEnd)) }

    /// The field value without the whitespace around it; visible characters, SP, HTAB and bytes from 0x80 upward.
    @inlinable package var value: ByteRange { ByteRange(start: Int(valueStart), end: Int(valueEnd)) }

    /// The whole line, from the first byte of the name through its CRLF: what to forward, or to skip, as one slice.
    @inlinable package var line: ByteRange { ByteRange(start: Int(start), end: Int(lineEnd)) }
}
