/// The fields of one header block, decoded and not yet judged.
///
/// Storage is kept from block to block, so that decoding allocates nothing once it is large enough. What is beyond the
/// limits is not stored: the block is read to its end, as the tables of both sides must go on agreeing, and is then
/// refused.
package struct FieldBlock: Sendable {
    /// Where a field lies in ``bytes``.
    package struct Field: Sendable {
        private let start: UInt32
        private let nameEnd: UInt32
        private let end: UInt32

        init(start: Int, nameEnd: Int, end: Int) {
            self.start = UInt32(truncatingIfNeeded: start)
            self.nameEnd = UInt32(truncatingIfNeeded: nameEnd)
            self.end = UInt32(truncatingIfNeeded: end)
        }

        /// The bytes of the name.
        package var name: Range<Int> { Int(start)..<Int(nameEnd) }
        /// The bytes of the value.
        package var value: Range<Int> { Int(nameEnd)..<Int(end) }
    }

    /// Names and values, each value behind its name.
    package internal(set) var bytes: [UInt8] = []
    /// The fields in the order in which they came.
    package private(set) var fields: [Field] = []
    /// More came than the limits allow, and was dropped.
    package private(set) var isTooLarge = false

    /// The size that the block has come to, each field counting 32 more than its bytes (RFC 9113 section 6.5.2).
    private var size = 0
    private let maxSize: Int
    private let maxFields: Int

    init(maxSize: Int, maxFields: Int) {
        self.maxSize = maxSize
        self.maxFields = maxFields
    }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        isTooLarge = false
        size = 0
    }

    /// Whether the fields, dropped ones included, have come to so much that decoding must not go on.
    var isExcessive: Bool { size > maxSize * Self.excess }

    private static let excess = 4

    /// How many more bytes the block may take.
    var room: Int { max(0, maxSize - size) }

    /// Takes the bytes from `start` on as a field, or drops them when they are too many.
    ///
    /// - Parameter missing: how many bytes of the field are not among them, as they were known to be too many.
    mutating func endField(start: Int, nameEnd: Int, missing: Int = 0) {
        size += bytes.count - start + missing + DynamicTable.overhead
        guard size <= maxSize, fields.count < maxFields, missing == 0 else {
            isTooLarge = true
            bytes.removeSubrange(start...)
            return
        }
        fields.append(Field(start: start, nameEnd: nameEnd, end: bytes.count))
    }
}
