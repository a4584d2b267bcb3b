/// A frame of HTTP/2 (RFC 9113 section 4.1), and the few that a client sends beside its requests.
struct HTTP2Frame {
    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    enum Flag {
        static let endStream: UInt8 = 1
        static let acknowledgement: UInt8 = 1
        static let endHeaders: UInt8 = 4
        static let padded: UInt8 = 8
        static let priority: UInt8 = 32
    }

    static let headerCount = 9
    static let largestWindow: UInt32 = 0x7FFF_FFFF
    static let defaultWindow: UInt32 = 65_535

    let kind: UInt8
    let flags: UInt8
    let stream: UInt32
    let payload: ArraySlice<UInt8>

    /// The frame that begins an input; `nil` while it is not whole.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= Self.headerCount else { return nil }
        let start = bytes.startIndex
        let count = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
        guard bytes.count >= Self.headerCount + count else { return nil }
        kind = bytes[start + 3]
        flags = bytes[start + 4]
        stream = Self.number(bytes[(start + 5)..<(start + 9)]) & Self.largestWindow
        payload = bytes[(start + Self.headerCount)..<(start + Self.headerCount + count)]
    }

    /// The length of the content of a frame of data or headers.
    var contentCount: Int {
        flags & Flag.padded == 0 ? payload.count : payload.count - 1 - Int(payload.first ?? 0)
    }

    /// Whether a block of headers begins with `:status: 200`, which the static table has as number 8.
    var saysOK: Bool {
        var block = payload
        if flags & Flag.padded != 0 { block = block.dropFirst() }
        if flags & Flag.priority != 0 { block = block.dropFirst(5) }
        // The size of the server's table may be announced before that.
        return block.drop { $0 & 0xE0 == 0x20 }.first == 0x88
    }

    static func encode(
        _ kind: UInt8,
        flags: UInt8 = 0,
        stream: UInt32 = 0,
        _ payload: some Collection<UInt8>
    ) -> [UInt8] {
        let count = payload.count
        return [UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF), kind, flags]
            + bytes(stream) + payload
    }

    static func bytes(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    static func number(_ bytes: some Collection<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// What a client begins with: no pushes, and windows that are as good as none.
    static let preface: [UInt8] =
        Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        + encode(Kind.settings, [0, 2] + bytes(0) + [0, 4] + bytes(largestWindow))
        + encode(Kind.windowUpdate, bytes(largestWindow - defaultWindow))
}
