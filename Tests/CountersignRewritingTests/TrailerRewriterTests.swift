import CountersignHTTP1
import CountersignTransport
import Testing

@testable import CountersignRewriting

/// Trailers say nothing that belongs into a head.
@Suite struct TrailerRewriterTests {
    @Test(arguments: [
        ("grpc-status: 0\r\n", true),
        ("X-Checksum:ab\r\n", true),
        ("X-Forwarded-Client-Cert: Hash=0\r\n", false),
        ("Authorization: Bearer x\r\n", false),
        ("Content-Length: 5\r\n", false),
        (": x\r\n", false),
        ("no colon\r\n", false),
    ])
    func `a line passes whole or not at all`(_ line: String, _ passes: Bool) {
        let bytes = Array("A: 1\r\n\(line)B: 2\r\n".utf8)
        let range = ByteRange(start: 6, end: 6 + line.utf8.count)
        let out = ByteQueue()
        unsafe bytes.withUnsafeBytes { unsafe TrailerRewriter.write(range, in: $0, to: out) }
        #expect(unsafe String(decoding: out.readable, as: UTF8.self) == (passes ? line : ""))
    }
}
