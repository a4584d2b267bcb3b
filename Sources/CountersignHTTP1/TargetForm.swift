/// The four forms of a request target (RFC 9112 section 3.2).
package enum TargetForm: UInt8, Equatable, Sendable {
    /// `/path?query`, the usual form.
    case origin

    /// `http://authority/path?query` or `https://…`, as sent to a proxy.
    case absolute

    /// `host:port`, with CONNECT only.
    case authority

    /// `*`, with OPTIONS only.
    case asterisk
}
