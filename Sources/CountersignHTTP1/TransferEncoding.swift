/// The value of a Transfer-Encoding field (RFC 9112 section 6.1).
enum TransferEncoding {
    /// Checks that the value of `field` is the one word `chunked`.
    ///
    /// A list of well-formed codings without `chunked`, or with it once at the end, is `unsupportedTransferCoding`;
    /// everything else is `malformedTransferEncoding`, as nobody can tell where such a message ends.
    static func check(_ bytes: Span<UInt8>, _ field: HeaderField) throws(ScanInterruption) {
        let value = field.value
        guard FieldLine.isPlainlySpaced(bytes, field) else {
            throw .violation(.malformedTransferEncoding, at: value.start)
        }
        if isChunked(bytes, value) {
            return
        }
        let code = isListOfCodings(bytes, value) ? ProtocolViolation.Code.unsupportedTransferCoding : nil
        throw .violation(code ?? .malformedTransferEncoding, at: value.start)
    }

    @inline(__always)
    private static func isChunked(_ bytes: Span<UInt8>, _ coding: ByteRange) -> Bool {
        coding.count == 7
            && bytes.word(at: coding.start).prefix(7).caseFolded == ByteWord("chunked").caseFolded
    }

    /// Whether `value` is a list of tokens with no empty element, in which `chunked` stands last or not at all.
    private static func isListOfCodings(_ bytes: Span<UInt8>, _ value: ByteRange) -> Bool {
        var offset = value.start
        var sawChunked = false
        while true {
            let coding = ByteRange(start: offset, end: min(bytes.endOfToken(from: offset), value.end))
            guard !coding.isEmpty, !sawChunked else {
                return false
            }
            sawChunked = isChunked(bytes, coding)
            offset = coding.end
            while offset < value.end, bytes[offset] == .space {
                offset &+= 1
            }
            if offset == value.end {
                return true
            }
            guard bytes[offset] == .comma else {
                return false
            }
            offset &+= 1
            while offset < value.end, bytes[offset] == .space {
                offset &+= 1
            }
        }
    }
}
