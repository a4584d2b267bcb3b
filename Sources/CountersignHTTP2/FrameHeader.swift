/// The nine bytes that each frame begins with (RFC 9113 section 4.1).
struct FrameHeader: Equatable {
    /// The bytes of the payload.
    let length: Int
    /// The type; unknown ones are ignored.
    let kind: UInt8
    let flags: UInt8
    /// The stream, 0 for the connection.
    let stream: UInt32

    /// How many bytes it takes.
    static let size = 9

    /// Reads the header at `offset`, which must be there whole.
    @inline(__always)
    init(_ bytes: Span<UInt8>, at offset: Int) {
        let word = bytes.bigEndian32(at: offset)
        length = Int(word &>> 8)
        kind = UInt8(truncatingIfNeeded: word)
        flags = bytes[offset &+ 4]
        stream = bytes.bigEndian32(at: offset &+ 5) & 0x7FFF_FFFF
    }

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

    /// Appends a header.
    static func write(
        length: Int,
        _ kind: UInt8,
        flags: UInt8 = 0,
        stream: UInt32,
        to output: inout [UInt8]
    ) {
        output.append(bigEndian: UInt32(truncatingIfNeeded: length) &<< 8 | UInt32(kind))
        output.append(flags)
        output.append(bigEndian: stream)
    }
}

/// The types of frames (RFC 9113 section 6).
enum FrameKind {
    static let data: UInt8 = 0x0
    static let headers: UInt8 = 0x1
    static let priority: UInt8 = 0x2
    static let resetStream: UInt8 = 0x3
    static let settings: UInt8 = 0x4
    static let pushPromise: UInt8 = 0x5
    static let ping: UInt8 = 0x6
    static let goAway: UInt8 = 0x7
    static let windowUpdate: UInt8 = 0x8
    static let continuation: UInt8 = 0x9
}

/// The flags of frames; their meaning depends on the type.
enum FrameFlag {
    static let acknowledgement: UInt8 = 0x1
    static let endStream: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8
    static let priority: UInt8 = 0x20
}
