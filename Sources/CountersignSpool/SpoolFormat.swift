import CountersignProxyProtocol

/// How a record stands in a segment file: a header of 16 bytes, then the payload.
///
/// The header is a marker, the payload's length, the payload's checksum, and a checksum of these three; numbers are
/// little-endian, checksums CRC-32C. The marker begins with bytes that no UTF-8 text has, so that a reader that has lost
/// its place in a damaged file finds the next record, and never one inside a payload of text.
package enum SpoolFormat {
    /// Bytes of a header.
    package static let headerLength = 16
    /// The most bytes of a payload.
    package static let maximumPayload = 32 * 1024
    /// The most bytes of a record.
    static let longestRecord = headerLength + maximumPayload
    /// The most bytes of a segment that are looked at: more than any has that was written.
    static let maximumSegment = 17 * 1024 * 1024
    /// What every header begins with; the last byte is the version of the format.
    static let marker: [UInt8] = [0xFF, 0xFE, 0x53, 0x01]

    /// A record, ready to be written.
    ///
    /// - Returns: nil when the payload is empty or has more than ``maximumPayload`` bytes.
    package static func record(_ payload: [UInt8]) -> [UInt8]? {
        guard !payload.isEmpty, payload.count <= maximumPayload else { return nil }
        var record = marker
        record.reserveCapacity(headerLength + payload.count)
        append(UInt32(payload.count), to: &record)
        append(checksum(payload.span), to: &record)
        append(checksum(record.span), to: &record)
        record += payload
        return record
    }

    /// The checksum of bytes.
    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        var checksum = CRC32C()
        checksum.add(bytes)
        return checksum.value
    }

    /// A number of a header.
    static func number(_ bytes: Span<UInt8>, at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
