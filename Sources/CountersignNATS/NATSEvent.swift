/// What a server said, as the places of its parts in the bytes that were parsed.
package enum NATSEvent: Equatable, Sendable {
    /// `INFO`: the JSON document.
    case info(Range<Int>)
    /// `MSG`: a message of a subscription.
    case message(NATSMessage)
    /// `PING`.
    case ping
    /// `PONG`.
    case pong
    /// `+OK`.
    case ok
    /// `-ERR`: what the server objects to, without quotation marks.
    case error(Range<Int>)
    /// A message of more bytes than are taken, which are dropped as they come; the value is how many.
    case oversized(Int)
    /// More bytes are needed.
    case needMore
    /// The bytes are not the protocol; nothing follows.
    case violation(NATSViolation)
}

/// The places of a message's parts.
package struct NATSMessage: Equatable, Sendable {
    /// The subject that it was published on.
    package var subject: Range<Int>
    /// The subject that wants an answer; empty for none.
    package var reply: Range<Int>
    /// The content.
    package var payload: Range<Int>
}

/// How a server's bytes are not the protocol.
package enum NATSViolation: String, Error, Sendable {
    /// A line that begins with no known word.
    case unknownCommand = "a line begins with no command of the protocol"
    /// A line without an end.
    case lineTooLong = "a line has no end within the limit"
    /// A message line without subject, subscription or size.
    case malformedMessage = "a message line is not a subject, a subscription and a size"
    /// Content that is not followed by a line's end.
    case unterminatedPayload = "a message's content does not end where its size says"
}
