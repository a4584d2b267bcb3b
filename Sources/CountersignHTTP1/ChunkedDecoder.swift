/// Takes a chunked body apart (RFC 9112 section 7.1): bytes in, events out; it may be cut at any byte.
///
/// It is strict: sizes are hexadecimal digits alone, directly followed by `;` or CRLF; lines end with CRLF; extensions
/// and trailers hold no controls and are bounded. Extensions are checked and dropped. It holds no bytes.
package struct ChunkedDecoder: Equatable, Sendable {
    /// What the next bytes are.
    package enum Event: Equatable, Sendable {
        /// Content of the message; never empty.
        case data(ByteRange)

        /// A line of the trailer section, through its CRLF; ``ChunkedDecoder/trailer`` has its name and value.
        case trailerLine(ByteRange)

        /// The body has ended. The bytes from the offset on belong to the next message.
        case finished

        /// The bytes from the offset on are needed again, with more behind them.
        ///
        /// There are none of them, except within a line of the trailer section, which is not longer than its limit.
        case needMore

        /// The body is to be refused and the connection closed.
        case violation(ProtocolViolation)
    }

    /// The field of the last ``Event/trailerLine(_:)``; nil before the first one.
    package private(set) var trailer: HeaderField?

    private enum State: Equatable {
        case size
        case extensions
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailerLine
        case finished
        case refused(ProtocolViolation)
    }

    private let limits: ChunkLimits
    private var state = State.size
    private var size = ChunkSize()
    private var remaining: UInt64 = 0
    private var chunkExtensionBytes = 0
    private var totalExtensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    /// How many bytes of a trailer line that has not ended are known to hold no control.
    private var searched = 0

    /// Makes a decoder that stands at the first byte of a body.
    package init(limits: ChunkLimits = ChunkLimits()) {
        self.limits = limits
    }

    /// Whether the whole body has been read.
    package var isFinished: Bool { state == .finished }

    /// Reads up to the next event.
    ///
    /// - Parameters:
    ///   - bytes: what has arrived. The ranges of an event are offsets into it.
    ///   - offset: where to begin; moved past what was read. What lies before it has been dealt with for good. Outside
    ///     the bytes there is nothing to read.
    package mutating func next(_ bytes: Span<UInt8>, from offset: inout Int) -> Event {
        guard offset >= 0, offset <= bytes.count else {
            return .needMore
        }
        do throws(ScanInterruption) {
            while true {
                if let event = try step(bytes, &offset) {
                    return event
                }
            }
        } catch {
            switch error {
            case .needMore:
                return .needMore
            case .violation(let violation):
                state = .refused(violation)
                return .violation(violation)
            }
        }
    }

    private mutating func step(_ bytes: Span<UInt8>, _ offset: inout Int) throws(ScanInterruption) -> Event? {
        switch state {
        case .size:
            try readSize(bytes, &offset)
        case .extensions:
            try readExtensions(bytes, &offset)
        case .sizeLineFeed:
            try readLineFeed(bytes, &offset)
            beginChunk()
        case .data:
            return try readData(bytes, &offset)
        case .dataCarriageReturn:
            guard try Self.current(bytes, offset) == .carriageReturn else {
                throw .violation(.missingChunkTerminator, at: offset)
            }
            offset &+= 1
            state = .dataLineFeed
        case .dataLineFeed:
            try readLineFeed(bytes, &offset)
            state = .size
        case .trailerLine:
            return try readTrailerLine(bytes, &offset)
        case .finished:
            return .finished
        case .refused(let violation):
            throw .violation(violation)
        }
        return nil
    }

    private mutating func readSize(_ bytes: Span<UInt8>, _ offset: inout Int) throws(ScanInterruption) {
        while true {
            let byte = try Self.current(bytes, offset)
            guard let digit = byte.hexadecimalValue else {
                break
            }
            guard size.add(digit) else {
                throw .violation(.chunkSizeOverflow, at: offset)
            }
            offset &+= 1
        }
        guard size.isStarted, bytes[offset] == .semicolon || bytes[offset] == .carriageReturn else {
            throw .violation(bytes[offset] == .lineFeed ? .bareLineFeed : .malformedChunkSize, at: offset)
        }
        try readExtensions(bytes, &offset)
    }

    private mutating func readExtensions(_ bytes: Span<UInt8>, _ offset: inout Int) throws(ScanInterruption) {
        state = .extensions
        while true {
            let byte = try Self.current(bytes, offset)
            if byte == .carriageReturn {
                offset &+= 1
                state = .sizeLineFeed
                return
            }
            guard !byte.isForbiddenControl else {
                throw .violation(byte == .lineFeed ? .bareLineFeed : .controlByte, at: offset)
            }
            chunkExtensionBytes &+= 1
            totalExtensionBytes &+= 1
            guard
                chunkExtensionBytes <= limits.maxExtensionBytesPerChunk,
                totalExtensionBytes <= limits.maxExtensionBytesTotal
            else {
                throw .violation(.chunkExtensionsTooLong, at: offset)
            }
            offset &+= 1
        }
    }

    private func readLineFeed(_ bytes: Span<UInt8>, _ offset: inout Int) throws(ScanInterruption) {
        guard try Self.current(bytes, offset) == .lineFeed else {
            throw .violation(.bareCarriageReturn, at: offset)
        }
        offset &+= 1
    }

    /// Goes on behind a complete size line.
    private mutating func beginChunk() {
        remaining = size.value
        state = remaining == 0 ? .trailerLine : .data
        size = ChunkSize()
        chunkExtensionBytes = 0
    }

    private mutating func readData(_ bytes: Span<UInt8>, _ offset: inout Int) throws(ScanInterruption) -> Event {
        guard offset < bytes.count else {
            throw .needMore
        }
        let start = offset
        let taken = min(remaining, UInt64(bytes.count &- start))
        remaining &-= taken
        offset = start &+ Int(truncatingIfNeeded: taken)
        if remaining == 0 {
            state = .dataCarriageReturn
        }
        return .data(ByteRange(start: start, end: offset))
    }

    private mutating func readTrailerLine(
        _ bytes: Span<UInt8>,
        _ offset: inout Int
    ) throws(ScanInterruption) -> Event {
        let start = offset
        let window = LineWindow(
            bytes.count,
            lineAt: start,
            maxLine: limits.maxTrailerBytes &- trailerBytes,
            excess: .trailersTooLarge,
            maxHead: .max
        )
        let end = try endOfTrailerLine(bytes, start, window)
        searched = 0
        guard end > start &+ 2 else {
            offset = end
            state = .finished
            return .finished
        }
        trailerBytes &+= end &- start
        guard trailerBytes <= limits.maxTrailerBytes else {
            throw .violation(.trailersTooLarge, at: start)
        }
        guard trailerCount < limits.maxTrailerCount else {
            throw .violation(.tooManyTrailers, at: start)
        }
        let field = try FieldLine.scan(bytes, at: start, isFirst: false, window: window)
        guard !field.kind.isFramingOrRouting, !FieldLine.isDisguisedFraming(bytes, field) else {
            throw .violation(.forbiddenTrailer, at: start)
        }
        trailerCount &+= 1
        trailer = field
        offset = end
        return .trailerLine(field.line)
    }

    /// Finds the end of the trailer line at `start`, going on where the last search for it ended.
    private mutating func endOfTrailerLine(
        _ bytes: Span<UInt8>,
        _ start: Int,
        _ window: LineWindow
    ) throws(ScanInterruption) -> Int {
        var stop = bytes.endOfContent(from: start &+ searched)
        while stop < window.end, bytes[stop] == .tab {
            stop = bytes.endOfContent(from: stop &+ 1)
        }
        guard stop < window.end else {
            searched = max(0, min(stop, bytes.count) &- start)
            throw window.interruption
        }
        searched = stop &- start
        return try bytes.endOfLine(at: stop)
    }

    private static func current(_ bytes: Span<UInt8>, _ offset: Int) throws(ScanInterruption) -> UInt8 {
        guard offset < bytes.count else {
            throw .needMore
        }
        return bytes[offset]
    }
}
