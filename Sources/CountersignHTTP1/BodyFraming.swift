/// How the end of a message's content is found (RFC 9112 section 6.3).
package enum BodyFraming: Equatable, Sendable {
    /// There is no content: the next byte belongs to the next message.
    case none

    /// Exactly this many bytes follow the head; 0 when the sender said so itself.
    case length(UInt64)

    /// A chunked body follows, to be read with ``ChunkedDecoder``.
    case chunked

    /// The content goes on until the peer closes; in responses only, and such a connection is never reused.
    case untilClose
}
