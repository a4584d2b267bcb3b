/// Where a field stands in the bytes of a request's head: an offset and a length, nothing borrowed.
package struct AccessLogField: Sendable, Equatable, BitwiseCopyable {
    /// The first byte.
    package var offset: UInt32
    /// The number of bytes; 0 when the request has no such field.
    package var count: UInt32

    /// A field that the request does not have.
    package static var absent: Self { Self(offset: 0, count: 0) }

    /// Creates a field from an offset and a length.
    package init(offset: UInt32, count: UInt32) {
        self.offset = offset
        self.count = count
    }

    /// Creates a field from a range of bytes; a range beyond 4 GiB reads as absent.
    package init(_ range: Range<Int>) {
        guard range.lowerBound >= 0, let end = UInt32(exactly: range.upperBound) else {
            self = .absent
            return
        }
        self.offset = UInt32(range.lowerBound)
        self.count = end - self.offset
    }

    /// The field's range, cut to the head that is there.
    func range(in head: Span<UInt8>) -> Range<Int> {
        let start = min(Int(self.offset), head.count)
        return start..<min(start + Int(self.count), head.count)
    }
}
