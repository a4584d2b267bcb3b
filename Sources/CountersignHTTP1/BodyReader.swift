/// The content of one message as it comes in, whatever ends it.
package struct BodyReader: Sendable {
    /// What one look at the bytes gave.
    package enum Piece {
        /// Content at these offsets.
        case data(ByteRange)
        /// A trailer field through its CRLF.
        case trailer(ByteRange)
        /// The content has ended; what follows belongs to the next message.
        case end
        /// More bytes are needed.
        case needMore
        case violation(ProtocolViolation)
    }

    private enum Kind: Sendable {
        case counted
        case chunked
        case untilClose
    }

    private var kind = Kind.counted
    /// What counts content whose length was announced.
    private var counter = BodyCounter(length: 0)
    /// What takes chunked content apart, beside ``kind`` and not in it: large as it is, each look at it there would copy it.
    private var decoder = ChunkedDecoder()

    /// A reader that stands at the first byte of the content.
    package init(_ framing: BodyFraming) {
        restart(framing)
    }

    /// Stands at the first byte of the content of another message.
    package mutating func restart(_ framing: BodyFraming) {
        switch framing {
        case .none:
            kind = .counted
            counter = BodyCounter(length: 0)
        case .length(let length):
            kind = .counted
            counter = BodyCounter(length: length)
        case .chunked:
            kind = .chunked
            decoder = ChunkedDecoder()
        case .untilClose: kind = .untilClose
        }
    }

    /// Whether all content has been read; never true for content that only closing ends.
    package var isFinished: Bool {
        switch kind {
        case .counted: counter.isFinished
        case .chunked: decoder.isFinished
        case .untilClose: false
        }
    }

    /// Whether the end of the stream is the end of the content.
    package var endsWithStream: Bool { kind == .untilClose }

    /// Reads on from `offset`, and moves it past what was used.
    package mutating func next(_ bytes: Span<UInt8>, from offset: inout Int) -> Piece {
        switch kind {
        case .counted:
            if counter.isFinished { return .end }
            let start = offset
            let count = counter.take(available: bytes.count - offset)
            guard count > 0 else { return .needMore }
            offset += count
            return .data(ByteRange(start: start, end: offset))
        case .untilClose:
            guard offset < bytes.count else { return .needMore }
            let start = offset
            offset = bytes.count
            return .data(ByteRange(start: start, end: offset))
        case .chunked:
            return nextChunked(bytes, from: &offset)
        }
    }

    private mutating func nextChunked(_ bytes: Span<UInt8>, from offset: inout Int) -> Piece {
        switch decoder.next(bytes, from: &offset) {
        case .data(let range): return .data(range)
        case .trailerLine(let range): return .trailer(range)
        case .finished: return .end
        case .needMore: return .needMore
        case .violation(let violation): return .violation(violation)
        }
    }
}
