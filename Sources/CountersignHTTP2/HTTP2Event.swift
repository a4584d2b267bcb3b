/// What a look at the peer's bytes came to.
package enum HTTP2Event: Equatable, Sendable {
    /// The bytes from the offset on are needed again, with more behind them.
    case needMore
    /// A message head came, interim ones included; it is in ``HTTP2Workspace/message``.
    ///
    /// `isEnd` says that the peer sends nothing more on the stream.
    case head(HTTP2Stream, isEnd: Bool)
    /// A request head came that is larger than the limits; nothing is known of it.
    case oversizedHead(HTTP2Stream, isEnd: Bool)
    /// A trailer section came, which ends the peer's message; its lines are in ``HTTP2Workspace/message``.
    case trailers(HTTP2Stream)
    /// Content came, at these offsets of the bytes; empty only where it ends the message.
    case data(HTTP2Stream, Range<Int>, isEnd: Bool)
    /// The peer has reset the stream, which is over.
    case reset(HTTP2Stream, HTTP2ErrorCode)
    /// The peer broke a rule on this stream, which this side has reset and which is over.
    case streamFailed(HTTP2Stream, HTTP2Violation)
    /// A request could not even be opened as a stream; it was reset.
    case refused(HTTP2Violation)
    /// More may be sent: on one stream, or, without one, on any.
    case windowGrew(HTTP2Stream?)
    /// The peer ends the connection; what this side has opened beyond `last` was not looked at.
    case goAway(last: UInt32, HTTP2ErrorCode)
    /// The connection is over; what the peer is told of it has been written.
    case failed(HTTP2Violation)
}
