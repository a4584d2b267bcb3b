/// A request head that was found complete and in order; its ranges point into the bytes that were scanned.
package struct RequestHead: Equatable, Sendable {
    /// The offset of the method: 0, or 2 after the one empty line that may precede a request (RFC 9112 section 2.2).
    package var start = 0

    /// The offset one past the blank line, counted from the start of the scanned bytes and so with ``start`` in it:
    /// how many bytes to consume, and where the content begins.
    package var length = 0

    /// The method.
    package var method = RequestMethod.other

    /// The bytes of the method.
    package var methodRange = ByteRange.empty

    /// The whole request target as sent.
    package var target = ByteRange.empty

    /// Which form ``target`` has.
    package var targetForm = TargetForm.origin

    /// The path with its query.
    ///
    /// Of an absolute-form target it is what follows the authority: empty, or beginning with `?`, where the sender
    /// left the path out and `/` is meant. It is `*` in asterisk-form and empty in authority-form.
    package var path = ByteRange.empty

    /// The authority that routes the request: the Host value, which an authority in the target must agree with, or that of the
    /// target where a client of HTTP/1.0 sent no Host (RFC 9112 section 3.2.2).
    ///
    /// It is a name, an IPv4 address or a bracketed IPv6 address, with a port from 1 to 65535 or none; never empty.
    package var host = ByteRange.empty

    /// Whether ``host`` stands in a Host field; whoever sends the request on adds one if not.
    package var hasHostField = true

    /// The protocol version.
    package var version = HTTPVersion.http11

    /// How the content ends; never ``BodyFraming/untilClose``.
    package var framing = BodyFraming.none

    /// Whether the client wants the connection to persist (RFC 9112 section 9.3).
    package var keepAlive = false

    /// Whether the client waits for a 100 response before it sends its content: it said so, in HTTP/1.1, and there is
    /// content to come (RFC 9110 section 10.1.1).
    package var expectContinue = false

    /// Makes the head that a scanner holds before it has found one.
    package init() {}
}
