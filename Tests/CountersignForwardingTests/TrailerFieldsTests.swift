import CountersignForwarding
import Testing

@Suite struct TrailerFieldsTests {
    @Test(arguments: [
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "HTTP2-Settings",
        "Host", "Content-Length", "Content-Type", "Content-Encoding", "Content-Range", "Cache-Control", "Expect",
        "Max-Forwards", "Pragma", "Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Range",
        "Authorization",
        "Proxy-Authorization", "Proxy-Authenticate", "WWW-Authenticate", "Cookie", "Set-Cookie", "Age", "Date",
        "Expires",
        "Location", "Retry-After", "Vary", "Warning", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
        "X-Forwarded-Port", "X-Forwarded-Client-Cert", "Client-Cert", "SSL-Client-Verify", "Forwarded", "X-Real-IP",
        "X-Request-ID",
    ])
    func `what the head decides does not pass behind the content`(name: String) {
        for spelling in [name, name.lowercased(), name.uppercased(), String(name.map { $0 == "-" ? "_" : $0 })] {
            #expect(!passes(spelling), "\(spelling)")
        }
    }

    @Test(arguments: [
        "grpc-status", "grpc-message", "Digest", "Content-Digest", "Content-MD5", "ETag", "Server-Timing", "Signature",
        "X-Checksum", "Authentication-Info", "Ifs", "Hosts", "Expects", "Dated",
    ])
    func `what is only known at the end passes`(name: String) {
        #expect(passes(name))
    }

    @Test func `a line without a name does not pass`() {
        #expect(!passes(""))
    }

    private func passes(_ name: String) -> Bool {
        TrailerFields.isForwarded(name.utf8.span)
    }
}
