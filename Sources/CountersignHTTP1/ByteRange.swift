/// A half-open range of byte offsets into the buffer that was scanned.
///
/// It is two integers and nothing else: it neither keeps the buffer alive nor knows it. An offset is only good until
/// the owner of the buffer consumes or moves its bytes.
@usableFromInline
package struct ByteRange: Equatable, Hashable, Sendable {
    /// The offset of the first byte, from the start of the scanned span.
    @usableFromInline package var start: Int

    /// The offset one past the last byte; never less than ``start``.
    @usableFromInline package var end: Int

    /// Makes a range of the bytes from `start` up to, not including, `end`.
    @inlinable
    package init(start: Int, end: Int) {
        self.start = start
        self.end = end
    }

    /// An empty range at offset 0.
    package static let empty = ByteRange(start: 0, end: 0)

    /// The number of bytes.
    @inlinable package var count: Int { end &- start }

    /// Whether there are no bytes in it.
    @inlinable package var isEmpty: Bool { start == end }
}
