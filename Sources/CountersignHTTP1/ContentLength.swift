/// The value of a Content-Length field (RFC 9110 section 8.6).
enum ContentLength {
    /// Reads the value of `field`: decimal digits and nothing else, neither a sign, a list nor whitespace within.
    static func parse(_ bytes: Span<UInt8>, _ field: HeaderField) throws(ScanInterruption) -> UInt64 {
        let value = field.value
        guard !value.isEmpty, FieldLine.isPlainlySpaced(bytes, field) else {
            throw .violation(.malformedContentLength, at: value.start)
        }
        var length: UInt64 = 0
        var overflows = false
        var offset = value.start
        while offset < value.end {
            let byte = bytes[offset]
            guard byte.isDigit else {
                throw .violation(.malformedContentLength, at: offset)
            }
            let (product, productOverflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(byte &- 0x30))
            overflows = overflows || productOverflow || sumOverflow
            length = sum
            offset &+= 1
        }
        guard !overflows else {
            throw .violation(.contentLengthOverflow, at: value.start)
        }
        return length
    }
}
