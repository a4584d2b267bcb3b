import CountersignForwarding
package import CountersignHTTP1
package import CountersignTransport

/// Passes on the lines of trailer sections that may pass, in either direction.
package enum TrailerRewriter {
    /// Writes a line, if it may pass at all.
    ///
    /// - Parameters:
    ///   - line: where the line is, with its CRLF.
    ///   - bytes: what it is a range of.
    ///   - out: where it goes.
    package static func write(_ line: ByteRange, in bytes: UnsafeRawBufferPointer, to out: ByteQueue) {
        let line = unsafe UnsafeRawBufferPointer(rebasing: bytes[line.start..<line.end])
        let nameEnd = unsafe line.firstIndex(of: 0x3A) ?? 0
        let name = unsafe UnsafeRawBufferPointer(rebasing: line[0..<nameEnd])
        guard unsafe TrailerFields.isForwarded(Span<UInt8>(_unsafeBytes: name)) else { return }
        unsafe out.append(line)
    }
}
