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

    private enum State: Sendable {
        case counted(BodyCounter)
        case chunked(ChunkedDecoder)
        case untilClose
    }

    private var state: State

    /// A reader that stands at the first byte of the content.
    package init(_ framing: BodyFraming) {
        switch framing {
        case .none: state = .counted(BodyCounter(length: 0))
        case .length(let length): state = .counted(BodyCounter(length: length))
        case .chunked: state = .chunked(ChunkedDecoder())
        case .untilClose: state = .untilClose
        }
    }

    /// Whether all content has been read; never true for content that only closing ends.
    package var isFinished: Bool {
        switch state {
        case .counted(let counter): counter.isFinished
        case .chunked(let decoder): decoder.isFinished
        case .untilClose: false
        }
    }

    /// Whether the end of the stream is the end of the content.
    package var endsWithStream: Bool {
        if case .untilClose = state { true } else { false }
    }

    /// Reads on from `offset`, and moves it past what was used.
    package mutating func next(_ bytes: Span<UInt8>, from offset: inout Int) -> Piece {
        switch state {
        case .counted(var counter):
            if counter.isFinished { return .end }
            let start = offset
            let count = counter.take(available: bytes.count - offset)
            state = .counted(counter)
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
        guard case .chunked(var decoder) = state else { return .needMore }
        let event = decoder.next(bytes, from: &offset)
        state = .chunked(decoder)
        switch event {
        case .data(let range): return .data(range)
        case .trailerLine(let range): return .trailer(range)
        case .finished: return .end
        case .needMore: return .needMore
        case .violation(let violation): return .violation(violation)
        }
    }
}
