extension Span<UInt8> {
    /// Whether another span has the same bytes.
    func isEqual(to other: Span<UInt8>) -> Bool {
        let count = count
        guard other.count == count else { return false }
        // The bytes of a `UInt8` are its value: nothing is reinterpreted that could be invalid.
        let left = unsafe bytes
        let right = unsafe other.bytes
        var index = 0
        while index + 8 <= count {
            // Bounds are checked; any eight bytes are a UInt64.
            let one = unsafe left.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let other = unsafe right.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            if one != other { return false }
            index += 8
        }
        while index < count {
            if self[index] != other[index] { return false }
            index += 1
        }
        return true
    }
}

extension [UInt8] {
    /// Appends the bytes of a span.
    mutating func append(_ source: Span<UInt8>) {
        // SAFETY: the buffer lives as long as the closure, which copies it.
        unsafe source.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
