import CountersignTransport
import Glibc
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        "0.0.0.0", "127.0.0.1", "10.9.99.100", "192.0.2.255", "255.255.255.255", "::", "::1", "2001:db8::1",
        "2001:db8:0:1:0:2:0:3", "::ffff:0:0:1", "::192.0.2.1", "64:ff9b::192.0.2.1", "fe80::1",
    ])
    func `an address is written as the system writes it`(text: String) throws {
        let address = try #require(SocketAddress(numericHost: text, port: 443))
        #expect(address.host == Self.systemText(of: address))
        #expect(address.port == 443)
    }

    @Test func `an IPv4 address that is mapped into IPv6 is written as IPv4`() throws {
        let address = try #require(SocketAddress(numericHost: "::ffff:192.0.2.17", port: 8443))
        #expect(address.host == "192.0.2.17")
        #expect(address.description == "192.0.2.17:8443")
    }

    @Test func `with its port, IPv6 is in brackets and IPv4 is not`() throws {
        #expect(try #require(SocketAddress(numericHost: "192.0.2.1", port: 1)).description == "192.0.2.1:1")
        #expect(try #require(SocketAddress(numericHost: "::1", port: 65_535)).description == "[::1]:65535")
        #expect(try #require(SocketAddress(localPath: "/run/a.sock")).description == "unix:/run/a.sock")
    }

    @Test(arguments: ["", "localhost", "256.0.0.1", "1.2.3", "[::1]", "::g"])
    func `what is no numeric address is none`(text: String) {
        #expect(SocketAddress(numericHost: text, port: 1) == nil)
    }

    /// What getnameinfo(3) says of it.
    private static func systemText(of address: SocketAddress) -> String {
        address.withSystemAddress { pointer, length in
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            getnameinfo(pointer, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
