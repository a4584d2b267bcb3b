/// The fields that a proxy acts on, told apart while the head is scanned; names are compared without case.
package enum FieldKind: UInt8, Equatable, Sendable {
    /// Host.
    case host
    /// Content-Length.
    case contentLength
    /// Transfer-Encoding.
    case transferEncoding
    /// Connection.
    case connection
    /// Keep-Alive.
    case keepAlive
    /// Proxy-Connection.
    case proxyConnection
    /// TE.
    case te
    /// Trailer.
    case trailer
    /// Upgrade.
    case upgrade
    /// Expect.
    case expect
    /// Proxy-Authenticate.
    case proxyAuthenticate
    /// Proxy-Authorization.
    case proxyAuthorization
    /// X-Forwarded-For.
    case xForwardedFor
    /// X-Forwarded-Proto.
    case xForwardedProto
    /// X-Forwarded-Host.
    case xForwardedHost
    /// X-Request-ID.
    case xRequestID
    /// X-Vcap-Request-Id.
    case xVcapRequestID
    /// X-Request-Start.
    case xRequestStart
    /// X-Cf-ApplicationId, X-Cf-InstanceId or X-Cf-InstanceIndex.
    case xCfInstance
    /// traceparent.
    case traceparent
    /// tracestate.
    case tracestate
    /// Authorization.
    case authorization
    /// User-Agent.
    case userAgent
    /// Referer.
    case referer
    /// Cookie.
    case cookie
    /// Set-Cookie.
    case setCookie
    /// Every other field.
    case other

    /// Whether the field frames the message or says where it goes: what a Connection field may never nominate and
    /// a trailer section may never hold.
    var isFramingOrRouting: Bool {
        switch self {
        case .host, .contentLength, .transferEncoding: true
        default: false
        }
    }

    /// This kind's place in a set of kinds.
    @inline(__always)
    var bit: UInt32 { 1 &<< UInt32(rawValue) }
}

extension FieldKind {
    /// Classifies the field name at `name`, which must be a token.
    @inline(__always)
    init(_ bytes: Span<UInt8>, name: ByteRange) {
        let length = name.count
        guard length <= 19 else {
            self = .other
            return
        }
        let first = bytes.word(at: name.start).prefix(length).caseFolded
        if length <= 8 {
            self = Self.short(first, length)
            return
        }
        // The last eight bytes overlap what was compared before; together they cover the whole name.
        let last = bytes.word(at: name.end &- 8).caseFolded
        if length <= 16 {
            self = Self.medium(first, last, length)
            return
        }
        self = Self.long(first, bytes.word(at: name.start &+ 8).caseFolded, last, length)
    }

    @inline(__always)
    private static func short(_ word: ByteWord, _ length: Int) -> FieldKind {
        switch (length, word) {
        case (4, ByteWord("host").caseFolded): .host
        case (2, ByteWord("te").caseFolded): .te
        case (6, ByteWord("expect").caseFolded): .expect
        case (6, ByteWord("cookie").caseFolded): .cookie
        case (7, ByteWord("upgrade").caseFolded): .upgrade
        case (7, ByteWord("referer").caseFolded): .referer
        case (7, ByteWord("trailer").caseFolded): .trailer
        default: .other
        }
    }

    @inline(__always)
    private static func medium(_ first: ByteWord, _ last: ByteWord, _ length: Int) -> FieldKind {
        switch (length, first, last) {
        case (10, ByteWord("connecti"), ByteWord("nnection")): .connection
        case (10, ByteWord("user-age"), ByteWord("er-agent")): .userAgent
        case (10, ByteWord("keep-ali"), ByteWord("ep-alive")): .keepAlive
        case (10, ByteWord("set-cook"), ByteWord("t-cookie")): .setCookie
        case (10, ByteWord("tracesta"), ByteWord("acestate")): .tracestate
        case (11, ByteWord("tracepar"), ByteWord("ceparent")): .traceparent
        case (12, ByteWord("x-reques"), ByteWord("quest-id")): .xRequestID
        case (13, ByteWord("authoriz"), ByteWord("rization")): .authorization
        case (14, ByteWord("content-"), ByteWord("t-length")): .contentLength
        case (15, ByteWord("x-forwar"), ByteWord("rded-for")): .xForwardedFor
        case (15, ByteWord("x-reques"), ByteWord("st-start")): .xRequestStart
        case (15, ByteWord("x-cf-ins"), ByteWord("stanceid")): .xCfInstance
        case (16, ByteWord("x-forwar"), ByteWord("ded-host")): .xForwardedHost
        case (16, ByteWord("proxy-co"), ByteWord("nnection")): .proxyConnection
        default: .other
        }
    }

    @inline(__always)
    private static func long(_ first: ByteWord, _ second: ByteWord, _ last: ByteWord, _ length: Int) -> FieldKind {
        switch (length, first, second, last) {
        case (17, ByteWord("transfer"), ByteWord("-encodin"), ByteWord("encoding")): .transferEncoding
        case (17, ByteWord("x-forwar"), ByteWord("ded-prot"), ByteWord("ed-proto")): .xForwardedProto
        case (17, ByteWord("x-vcap-r"), ByteWord("equest-i"), ByteWord("quest-id")): .xVcapRequestID
        case (18, ByteWord("x-cf-app"), ByteWord("lication"), ByteWord("cationid")): .xCfInstance
        case (18, ByteWord("x-cf-ins"), ByteWord("tanceind"), ByteWord("nceindex")): .xCfInstance
        case (18, ByteWord("proxy-au"), ByteWord("thentica"), ByteWord("enticate")): .proxyAuthenticate
        case (19, ByteWord("proxy-au"), ByteWord("thorizat"), ByteWord("rization")): .proxyAuthorization
        default: .other
        }
    }
}
