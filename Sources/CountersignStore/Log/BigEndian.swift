extension Array where Element == UInt8 {
    /// Appends the bytes of an integer, the most significant first.
    mutating func append(bigEndian value: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            self.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }
}

extension ArraySlice where Element == UInt8 {
    /// The integer of `length` bytes, at most 8, that begins `distance` bytes after the slice does.
    func bigEndianInteger(at distance: Int, length: Int) -> UInt64 {
        let first = self.startIndex + distance
        return self[first..<(first + length)].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
