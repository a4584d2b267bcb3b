extension [UInt8] {
    /// Appends bytes of a span.
    @inline(__always)
    mutating func append(_ source: Span<UInt8>, _ range: Range<Int>) {
        guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= source.count else { return }
        // SAFETY: the guard keeps the range inside the span.
        unsafe source.withUnsafeBufferPointer { buffer in
            unsafe append(contentsOf: UnsafeBufferPointer(rebasing: buffer[range]))
        }
    }

    /// Appends bytes of a span.
    mutating func append(_ source: Span<UInt8>) {
        append(source, 0..<source.count)
    }

    /// Appends the bytes of a literal.
    mutating func append(_ text: StaticString) {
        // SAFETY: the storage of a string literal is static and holds utf8CodeUnitCount bytes.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a number of 32 bits, the highest byte first.
    mutating func append(bigEndian value: UInt32) {
        append(UInt8(truncatingIfNeeded: value &>> 24))
        append(UInt8(truncatingIfNeeded: value &>> 16))
        append(UInt8(truncatingIfNeeded: value &>> 8))
        append(UInt8(truncatingIfNeeded: value))
    }
}

extension Span<UInt8> {
    /// Whether the bytes from `offset` on are those of `range` in `other`.
    @inline(__always)
    func holds(_ other: [UInt8], _ range: Range<Int>, at offset: Int) -> Bool {
        guard offset >= 0, offset &+ range.count <= count else { return false }
        var index = 0
        while index < range.count {
            if self[offset &+ index] != other[range.lowerBound &+ index] { return false }
            index &+= 1
        }
        return true
    }

    /// Whether `range` holds exactly `literal`.
    @inline(__always)
    func equals(_ range: Range<Int>, _ literal: StaticString) -> Bool {
        guard range.count == literal.utf8CodeUnitCount else { return false }
        // SAFETY: the storage of a string literal is static and holds utf8CodeUnitCount bytes.
        return literal.withUTF8Buffer { buffer in
            var index = 0
            while index < buffer.count {
                if unsafe self[range.lowerBound &+ index] != buffer[index] { return false }
                index &+= 1
            }
            return true
        }
    }

    /// The number of 32 bits at `offset`, which must be there whole.
    @inline(__always)
    func bigEndian32(at offset: Int) -> UInt32 {
        UInt32(self[offset]) &<< 24 | UInt32(self[offset &+ 1]) &<< 16 | UInt32(self[offset &+ 2]) &<< 8
            | UInt32(self[offset &+ 3])
    }
}

extension UInt8 {
    /// The byte with an upper-case ASCII letter made lower-case.
    @inline(__always)
    var lowercasedLetter: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
