/// How a field is written: what comes again is remembered, what differs each time is not, and secrets by nobody on the
/// way (RFC 7541 section 7.1.3).
enum FieldTreatment {
    case remembered
    case literal
    case secret

    /// The treatment of a field by its name, in lower case.
    init(_ name: Span<UInt8>, valueLength: Int) {
        guard valueLength <= Self.longestRemembered else {
            self = .literal
            return
        }
        let all = 0..<name.count
        for secret in Self.secrets where name.equals(all, secret) {
            self = .secret
            return
        }
        for changing in Self.changing where name.equals(all, changing) {
            self = .literal
            return
        }
        self = .remembered
    }

    private static let longestRemembered = 512
    private static let secrets: [StaticString] = ["set-cookie", "authorization", "cookie", "proxy-authorization"]
    private static let changing: [StaticString] = [
        "content-length", "date", "etag", "last-modified", "age", "expires", "x-request-id", "traceparent", "location",
        "content-range", "x-vcap-request-id",
    ]
}
