/// Which fields of a trailer section are passed on, in either direction.
///
/// A recipient that merges trailers into the head would take what comes last for what was checked first. So none passes
/// that ends at this hop, says who calls or from where, or that RFC 9110 section 6.5.1 keeps out of trailers because it is
/// needed before the content: framing, routing, request modifiers, authentication, content format and response control.
/// Names count in each spelling, as with ``IdentityHeaders``.
public enum TrailerFields {
    /// Whether a trailer field of this name is passed on.
    ///
    /// - Parameter name: the field name as it came, without the colon.
    public static func isForwarded(_ name: Span<UInt8>) -> Bool {
        guard !name.isEmpty, !IdentityHeaders.contains(name), !ReservedHeaders.contains(name) else { return false }
        for prefix in prefixes where FoldedName.begins(name, at: 0, prefix) { return false }
        for word in names where FoldedName.equals(name, word) { return false }
        return true
    }

    private static let prefixes: [StaticString] = ["x-forwarded-", "proxy-", "if-"]

    private static let names: [StaticString] = [
        // Ends at this hop.
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
        // Where the request goes, and under which conditions.
        "host", "cache-control", "expect", "max-forwards", "pragma", "range",
        // Who asks.
        "authorization", "cookie", "set-cookie", "www-authenticate",
        // How the content is to be read.
        "content-length", "content-type", "content-encoding", "content-range", "content-location",
        // What becomes of the response.
        "age", "date", "expires", "location", "retry-after", "vary", "warning",
    ]
}
