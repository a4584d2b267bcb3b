/// One side of an HTTP/2 connection (RFC 9113), without a socket: bytes in, events out, and bytes to send.
///
/// It decodes frames and header blocks, keeps streams and flow control, answers what answers itself (SETTINGS, PING), and
/// refuses what a peer may not do or does too much of. Content that came counts against the peer's windows until
/// ``consumed(_:_:_:)`` says that it was used up: that is the back-pressure, and bounds what is held for one connection.
///
/// In a steady state nothing is allocated. It belongs to one thread. Facets: `+Receiving`, `+Headers`, `+Control`
/// (frames in), `+Sending`, `+Shutdown`.
package struct HTTP2Connection: ~Copyable {
    /// Which end of the connection this side is.
    package enum Role: Sendable {
        /// Takes requests.
        case server
        /// Sends requests.
        case client
    }

    enum Phase {
        case preface
        case firstFrame
        case frames
        /// In the content of a DATA frame: bytes that still come, of content and of padding.
        case content(stream: UInt32, content: Int, padding: Int, isEnd: Bool)
        case failed
    }

    /// A header block of which only the first frames have come.
    struct OpenBlock {
        var stream: UInt32 = 0
        var isEnd = false
        var continuations = 0
        var bytes: [UInt8] = []
    }

    let role: Role
    let limits: HTTP2Limits
    var phase: Phase
    var prefaceMatched = 0
    var streams = StreamTable()
    var decoder: HPACKDecoder
    var encoder: HPACKEncoder
    var openBlock: OpenBlock?
    var peer = HTTP2Settings()
    /// Content that may still be sent over all streams.
    var sendWindow = 65_535
    /// Content that the peer may still send over all streams, and what was used up and not yet given back.
    var receiveWindow: Int
    var consumed = 0
    /// The largest number of a stream of the peer, and the next one of this side.
    var lastPeerStream: UInt32 = 0
    var nextStream: UInt32 = 1
    /// How many streams this side has opened and has open.
    var ownStreams = 0
    var resets: RateBudget
    var controls: RateBudget
    var empties: RateBudget
    var windowUpdates: RateBudget
    /// The peer is told of no end, has been told that one is near, or which of its streams are the last.
    var shutdown = Shutdown.none
    /// The peer has ended the connection: nothing new may be opened.
    package internal(set) var hasPeerGoneAway = false

    /// How far this side has come in ending the connection.
    enum Shutdown {
        case none
        case announced
        case final
    }

    /// The time for what is bounded by rate, in nanoseconds of any clock that does not go back.
    package var now: UInt64 = 0

    /// Makes a connection that stands at its first byte.
    ///
    /// - Parameters:
    ///   - role: which end this side is.
    ///   - limits: what is taken from the peer.
    package init(_ role: Role, limits: HTTP2Limits) {
        self.role = role
        self.limits = limits
        self.phase = role == .server ? .preface : .firstFrame
        self.decoder = HPACKDecoder(maxTableSize: HPACKEncoder.tableSize)
        self.encoder = HPACKEncoder(indexes: role == .server)
        self.receiveWindow = max(limits.connectionWindow, Self.defaultWindow)
        self.resets = RateBudget(burst: limits.resetBurst, perSecond: limits.resetsPerSecond)
        self.controls = RateBudget(burst: limits.controlBurst, perSecond: limits.controlsPerSecond)
        self.empties = RateBudget(burst: limits.emptyBurst, perSecond: limits.emptiesPerSecond)
        self.windowUpdates = RateBudget(burst: limits.windowUpdateBurst, perSecond: limits.windowUpdatesPerSecond)
    }

    /// How many streams are open.
    package var streamCount: Int { streams.count }

    /// Whether the connection has failed: nothing is read or sent any more.
    package var hasFailed: Bool {
        if case .failed = phase { true } else { false }
    }

    /// Whether the peer has sent what each side begins with.
    package var hasBegun: Bool {
        switch phase {
        case .preface, .firstFrame: false
        case .frames, .content, .failed: true
        }
    }

    /// Whether a message head, or a frame, has begun and not come to its end.
    package var isInsideHeaderBlock: Bool { openBlock != nil }

    /// Whether a stream is open.
    package func isOpen(_ stream: HTTP2Stream) -> Bool { streams.isOpen(stream) }

    /// The open stream in a slot; nil where there is none.
    package func stream(inSlot slot: Int) -> HTTP2Stream? { streams.stream(inSlot: slot) }

    /// One more than the largest slot that streams have had.
    package var slotCount: Int { streams.slotCount }

    /// Whether the peer has sent all that it will on a stream that is open.
    package func hasPeerEnded(_ stream: HTTP2Stream) -> Bool {
        streams.isOpen(stream) && streams[stream].isRemoteClosed
    }

    /// Writes what each side begins with: the client's preface, the settings, and the connection's window.
    package mutating func start(_ workspace: HTTP2Workspace) {
        if role == .client { workspace.output.append(Self.preface) }
        let settings: [(UInt16, Int)] =
            [
                role == .client
                    ? (HTTP2Settings.enablePushID, 0)
                    : (HTTP2Settings.maxConcurrentStreamsID, limits.maxConcurrentStreams),
                (HTTP2Settings.initialWindowID, streamWindow),
                (HTTP2Settings.maxHeaderListSizeID, limits.maxHeaderListSize),
            ]
        FrameHeader.write(length: settings.count * 6, FrameKind.settings, stream: 0, to: &workspace.output)
        for (identifier, value) in settings {
            workspace.output.append(UInt8(truncatingIfNeeded: identifier >> 8))
            workspace.output.append(UInt8(truncatingIfNeeded: identifier))
            workspace.output.append(bigEndian: UInt32(clamping: value))
        }
        let growth = receiveWindow - Self.defaultWindow
        if growth > 0 { Self.writeWindowUpdate(growth, stream: 0, workspace) }
    }

    /// The window that each stream of the peer begins with.
    var streamWindow: Int { max(limits.streamWindow, Self.defaultWindow) }

    static func writeWindowUpdate(_ growth: Int, stream: UInt32, _ workspace: HTTP2Workspace) {
        FrameHeader.write(length: 4, FrameKind.windowUpdate, stream: stream, to: &workspace.output)
        workspace.output.append(bigEndian: UInt32(clamping: growth))
    }

    static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    static let defaultWindow = 65_535
    static let maxWindow = 0x7FFF_FFFF
    static let maxFrameSize = 16_384
}
