import CountersignHTTP1
import Testing

@Suite struct FieldKindTests {
    private static let names: [(String, FieldKind)] = [
        ("tracestate", .tracestate), ("x-vcap-request-id", .xVcapRequestID), ("x-request-start", .xRequestStart),
        ("x-cf-applicationid", .xCfInstance), ("x-cf-instanceid", .xCfInstance), ("x-cf-instanceindex", .xCfInstance),
        ("Keep-Alive", .keepAlive), ("Proxy-Connection", .proxyConnection), ("TE", .te), ("Trailer", .trailer),
        ("Upgrade", .upgrade), ("Proxy-Authenticate", .proxyAuthenticate), ("Connection", .connection),
        ("Proxy-Authorization", .proxyAuthorization), ("X-Forwarded-For", .xForwardedFor),
        ("X-Forwarded-Proto", .xForwardedProto), ("X-Forwarded-Host", .xForwardedHost), ("X-Request-ID", .xRequestID),
        ("traceparent", .traceparent), ("Authorization", .authorization), ("User-Agent", .userAgent),
        ("Referer", .referer), ("Cookie", .cookie), ("Set-Cookie", .setCookie),
    ]

    @Test(arguments: names)
    func `a known name is recognised in every case`(name: String, kind: FieldKind) {
        for spelling in [name, name.lowercased(), name.uppercased()] {
            #expect(Self.kind(spelling) == kind)
        }
    }

    @Test(arguments: names)
    func `a name that differs in one byte is another field`(name: String, kind: FieldKind) {
        let bytes = latin1(name)
        for index in bytes.indices {
            var changed = bytes
            changed[index] = changed[index] == 0x2D ? 0x5F : 0x7E
            #expect(Self.kind(String(decoding: changed, as: UTF8.self)) == .other)
            var shorter = bytes
            shorter.remove(at: index)
            if !shorter.isEmpty {
                #expect(Self.kind(String(decoding: shorter, as: UTF8.self)) == .other)
            }
        }
        #expect(Self.kind(name + "s") == .other)
        #expect(Self.kind("X" + name) == .other)
    }

    @Test func `the fields with their own rules are recognised`() {
        let request = ScannedRequest(
            "POST / HTTP/1.1\r\nhOST: a\r\ncONTENT-lENGTH: 1\r\neXPECT: 100-continue\r\n\r\n"
        )
        #expect(request.fields.map(\.kind) == [.host, .contentLength, .expect])
        let chunked = ScannedRequest("POST / HTTP/1.1\r\nHost: a\r\nTransfer-encodinG: chunked\r\n\r\n")
        #expect(chunked.fields.map(\.kind) == [.host, .transferEncoding])
    }

    private static func kind(_ name: String) -> FieldKind? {
        ScannedRequest("GET / HTTP/1.1\r\nHost: a\r\n\(name): x\r\n\r\n").fields.last?.kind
    }
}
