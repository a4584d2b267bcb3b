/// Writes DER (ITU-T X.690) from front to back; lengths are filled in when a field is complete.
///
/// Contents are written as given: that an INTEGER is minimal or a string has only allowed characters is for the caller.
struct DERWriter {
    /// What has been written.
    private(set) var bytes: [UInt8] = []

    /// A writer without content.
    ///
    /// - Parameter capacity: How many bytes are expected, so that the buffer does not have to grow.
    init(capacity: Int = 256) {
        self.bytes.reserveCapacity(capacity)
    }

    /// The encoding of one SEQUENCE.
    static func sequence<Failure: Error>(
        capacity: Int = 256,
        _ body: (inout DERWriter) throws(Failure) -> Void
    ) throws(Failure) -> [UInt8] {
        var writer = DERWriter(capacity: capacity)
        try writer.sequence(body)
        return writer.bytes
    }

    /// Writes a field whose content `body` writes.
    mutating func field<Failure: Error>(
        _ tag: UInt8,
        _ body: (inout DERWriter) throws(Failure) -> Void
    ) throws(Failure) {
        self.bytes.append(tag)
        self.bytes.append(0)
        let start = self.bytes.count
        try body(&self)
        self.fillInLength(ofContentFrom: start)
    }

    /// Writes a SEQUENCE whose content `body` writes.
    mutating func sequence<Failure: Error>(_ body: (inout DERWriter) throws(Failure) -> Void) throws(Failure) {
        try self.field(DERTag.sequence, body)
    }

    /// Writes a field with a content of bytes.
    mutating func field(_ tag: UInt8, content: some Collection<UInt8>) {
        self.bytes.append(tag)
        self.length(content.count)
        self.bytes.append(contentsOf: content)
    }

    /// Writes what is already encoded.
    mutating func encoded(_ encoding: some Collection<UInt8>) {
        self.bytes.append(contentsOf: encoding)
    }

    /// Writes one byte of content.
    mutating func byte(_ byte: UInt8) {
        self.bytes.append(byte)
    }

    /// Writes a length in the fewest bytes.
    mutating func length(_ count: Int) {
        guard count >= 0x80 else {
            self.bytes.append(UInt8(truncatingIfNeeded: count))
            return
        }
        let digits = Self.digits(of: count)
        self.bytes.append(0x80 | UInt8(digits.count))
        self.bytes.append(contentsOf: digits)
    }

    /// How many bytes a field takes whose content has `count` bytes.
    static func size(ofContent count: Int) -> Int {
        count < 0x80 ? 2 + count : 2 + self.digits(of: count).count + count
    }

    private mutating func fillInLength(ofContentFrom start: Int) {
        let count = self.bytes.count - start
        guard count >= 0x80 else {
            self.bytes[start - 1] = UInt8(truncatingIfNeeded: count)
            return
        }
        let digits = Self.digits(of: count)
        self.bytes[start - 1] = 0x80 | UInt8(digits.count)
        self.bytes.insert(contentsOf: digits, at: start)
    }

    /// Big-endian, without leading zeros.
    private static func digits(of count: Int) -> [UInt8] {
        let size = (Int.bitWidth - count.leadingZeroBitCount + 7) / 8
        return (0..<size).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }
}
