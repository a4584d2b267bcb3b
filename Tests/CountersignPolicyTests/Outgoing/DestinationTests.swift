import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct DestinationTests {
    @Test(arguments: [
        ("api.example.com", "api.example.com"), ("*.Example.com.", "*.example.com"), ("a.b:8080", "a.b:8080"),
        ("192.0.2.7", "192.0.2.7/32"), ("10.0.0.0/8:443", "10.0.0.0/8:443"), ("2001:db8::/32", "2001:db8::/32"),
        ("[2001:db8::1]:80", "[2001:db8::1/128]:80"), ("[::1]", "::1/128"), ("::ffff:192.0.2.1", "192.0.2.1/32"),
    ])
    func whatIsWrittenIsRead(text: String, form: String) throws {
        #expect(try Destination(parsing: text).description == form)
    }

    @Test(arguments: [
        "", ":80", "host:", "host:0", "host:65536", "host:080", "host:+1", "http://host", "host/path", "10.0.0.1/8",
        "1.2.3",
        "[host]", "[host]:80", "user@host", "*", "*.*.example.com", "a b", "[::1", "::1]:80",
    ])
    func whatIsNoneIsRefusedWithWhatWouldBeRight(text: String) {
        let error = #expect(throws: PolicyError.self) { try Destination(parsing: text) }
        #expect(error?.code == .invalidValue && error?.message.contains("write a host name") == true)
    }

    @Test func aPortNarrowsAndAWildcardIsOneLabel() throws {
        let host = try HostName(parsing: "a.example.com")
        #expect(try Destination(parsing: "*.example.com").contains(host, port: 1))
        #expect(try Destination(parsing: "a.example.com:80").contains(host, port: 80))
        #expect(try !Destination(parsing: "a.example.com:80").contains(host, port: 81))
        #expect(try !Destination(parsing: "*.example.com").contains(HostName(parsing: "b.a.example.com"), port: 80))
    }

    @Test func blocksAreAboutNumbersAndNamesAboutNames() throws {
        let block = try Destination(parsing: "192.0.2.0/24")
        #expect(block.contains(try IPAddress(parsing: "192.0.2.9"), port: 80))
        #expect(block.contains(try IPAddress(parsing: "::ffff:192.0.2.9"), port: 80))
        #expect(block.contains(try HostName(parsing: "192.0.2.9"), port: 80))
        #expect(!block.contains(try IPAddress(parsing: "192.0.3.9"), port: 80))
        #expect(!block.contains(try HostName(parsing: "a.example.com"), port: 80))
        #expect(!(try Destination(parsing: "a.example.com")).contains(try IPAddress(parsing: "192.0.2.9"), port: 80))
    }
}
