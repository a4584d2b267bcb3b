import CountersignIdentity
import CountersignTesting
import Testing

@Suite struct HostNameTests {
    static let labels63 = String(repeating: "a", count: 63)
    static let longest = [labels63, labels63, labels63, String(repeating: "a", count: 61)].joined(separator: ".")

    @Test(arguments: [
        ("example.com", "example.com"), ("EXAMPLE.com", "example.com"), ("example.com.", "example.com"),
        ("Example.Com.:8443", "example.com"), ("example.com:0", "example.com"), ("example.com:65535", "example.com"),
        ("localhost", "localhost"), ("a_b.example", "a_b.example"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("1.example", "1.example"), ("127.0.0.1", "127.0.0.1"), ("127.0.0.1:80", "127.0.0.1"), ("[::1]", "::1"),
        ("[::1]:80", "::1"), ("[2001:DB8:0::1]", "2001:db8::1"), (longest, longest), (longest + ".", longest),
    ])
    func `a Host header is normalized`(header: String, normal: String) throws {
        let host = try #require(HostName(header: header))
        #expect(host.description == normal)
        #expect(host.count == normal.utf8.count)
        #expect(host == (try HostName(parsing: normal)))
        #expect(host.matches(header: header))
    }

    @Test(arguments: [
        "", ".", ":80", "example.com..", ".example.com", "a..b", "-a.example", "a-.example", "a b", "a/b", "a@b",
        "é.com",
        "example.com:", "example.com:x", "example.com:65536", "example.com:123456", "example.com:80:80", "a:b:80",
        "example.com:+80", "a\0", "a\n", "*.example.com", "1.2.3", "256.1.1.1", "1.2.3.4.5", "127.0.0.1.", "01.2.3.4",
        "::1", "2001:db8::1", "2001:db8::1:80", "1:2:3:4:5:6:7:8:80", ":::80", "[::1", "::1]", "[]", "[::1]x", "[::1]:",
        "[127.0.0.1]", "[fe80::1%eth0]",
        "[example.com]",
        "[[::1]]", "example.0", longest + "a", "a." + String(repeating: "b", count: 64), "example.com\u{0}:80",
    ])
    func `a Host header that names no host is refused`(header: String) {
        #expect(HostName(header: header) == nil)
    }

    @Test(arguments: ["example.com", "EXAMPLE.com.", "a"])
    func `a server name is normalized the same way`(name: String) throws {
        let host = try #require(HostName(server: name))
        #expect(host == HostName(header: name))
    }

    @Test(arguments: ["", "example.com:443", "127.0.0.1", "[::1]", "::1", "a..b"])
    func `a server name with a port, or an address, is refused`(name: String) {
        #expect(HostName(server: name) == nil)
    }

    @Test(arguments: ["example.com:443", "", "a b", "[::1]:80"])
    func `a configured host with a port is refused`(text: String) {
        #expect(throws: IdentityError(.invalidHostName, "")) { try HostName(parsing: text) }
    }

    @Test(arguments: [
        ("example.com", "example.org"), ("example.com", "example.com.."), ("example.com", "example.co"),
        ("example.com", "example.com.x"), ("example.com", "xexample.com"), ("example.com", "example.com:"),
        ("example.com", "example.com:99999"), ("example.com", ""), ("a.b", "a-b"), ("127.0.0.1", "127.0.0.2"),
    ])
    func `another host does not match`(name: String, header: String) throws {
        #expect(!(try HostName(parsing: name).matches(header: header)))
    }

    @Test func `comparing in place is normalizing and comparing`() throws {
        var generator = SeededGenerator(seed: 3)
        let pieces = Array("aAb.:1-]*".utf8)
        let hosts = try ["a", "a.b", "ab.a", "a-b", "1.a"].map { try HostName(parsing: $0) }
        var matches = 0
        for _ in 0..<50_000 {
            let header = (0..<Int.random(in: 0..<7, using: &generator)).map { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &generator)]
            }
            for host in hosts {
                let inPlace = host.matches(hostHeader: header.span)
                let normalized = HostName(hostHeader: header.span) == host
                #expect(inPlace == normalized)
                matches += inPlace ? 1 : 0
            }
        }
        #expect(matches > 100)
    }
}
