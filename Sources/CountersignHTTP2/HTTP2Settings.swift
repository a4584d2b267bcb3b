/// What the peer asks of this side (RFC 9113 section 6.5.2).
struct HTTP2Settings {
    /// The largest table of header compression that may be used toward the peer.
    var headerTableSize = 4096
    /// How many streams this side may have open.
    var maxConcurrentStreams = Int.max
    /// The window that each stream toward the peer begins with.
    var initialWindow = 65_535
    /// The longest frame that the peer takes.
    var maxFrameSize = 16_384

    /// Takes one setting; unknown ones are ignored.
    ///
    /// - Throws: a violation when it has a value that it may not have.
    mutating func apply(_ identifier: UInt16, _ value: UInt32, fromServer: Bool) throws(HTTP2Violation) {
        switch identifier {
        case Self.headerTableSizeID: headerTableSize = Int(value)
        case Self.enablePushID:
            guard value == 0 || value == 1 && !fromServer else { throw .malformedSettings }
        case Self.maxConcurrentStreamsID: maxConcurrentStreams = Int(value)
        case Self.initialWindowID:
            guard value <= 0x7FFF_FFFF else { throw .windowOverflow }
            initialWindow = Int(value)
        case Self.maxFrameSizeID:
            guard (16_384...16_777_215).contains(value) else { throw .malformedSettings }
            maxFrameSize = Int(value)
        case Self.enableConnectProtocolID:
            guard value <= 1 else { throw .malformedSettings }
        default: break
        }
    }

    static let headerTableSizeID: UInt16 = 1
    static let enablePushID: UInt16 = 2
    static let maxConcurrentStreamsID: UInt16 = 3
    static let initialWindowID: UInt16 = 4
    static let maxFrameSizeID: UInt16 = 5
    static let maxHeaderListSizeID: UInt16 = 6
    private static let enableConnectProtocolID: UInt16 = 8
}
