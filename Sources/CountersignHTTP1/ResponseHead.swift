/// A response head that was found complete and in order; its ranges point into the bytes that were scanned.
package struct ResponseHead: Equatable, Sendable {
    /// The number of bytes of the head with the blank line that ends it.
    package var length = 0

    /// The protocol version.
    package var version = HTTPVersion.http11

    /// The status code, 100 to 599.
    package var status = 0

    /// The reason phrase; may be empty.
    package var reason = ByteRange.empty

    /// How the content ends, given the method of the request and the status (RFC 9112 section 6.3).
    package var framing = BodyFraming.none

    /// Whether the connection may be used again once the content has been read (RFC 9112 section 9.3).
    ///
    /// Not so after a response to HEAD, or a 304, that tells of content: an upstream that also sends it would have it
    /// taken for the next response.
    package var keepAlive = false

    /// Makes the head that a scanner holds before it has found one.
    package init() {}

    /// Whether the response is interim (1xx): the final one is still to come on the same connection, except after 101.
    package var isInterim: Bool { status < 200 }
}
