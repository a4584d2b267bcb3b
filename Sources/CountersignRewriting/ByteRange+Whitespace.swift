package import CountersignHTTP1

extension ByteRange {
    /// The range without the whitespace that it begins and ends with (RFC 9110 section 5.6.3).
    ///
    /// - Parameter bytes: what it is a range of.
    package func trimmed(in bytes: UnsafeRawBufferPointer) -> ByteRange {
        var range = self
        while range.start < range.end, unsafe bytes[range.start].isWhitespace { range.start += 1 }
        while range.start < range.end, unsafe bytes[range.end - 1].isWhitespace { range.end -= 1 }
        return range
    }
}
