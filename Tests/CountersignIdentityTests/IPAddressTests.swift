import CountersignIdentity
import CountersignTesting
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("192.0.2.10", "192.0.2.10"), ("::", "::"),
        ("::1", "::1"), ("1::", "1::"), ("2001:DB8::1", "2001:db8::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("1::8", "1::8"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
        ("fe80::0001", "fe80::1"), ("0:0:0:0:0:0:0:0", "::"),
        ("abcd:ef01:2345:6789:abcd:ef01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"),
    ])
    func `an address is read and written in its canonical form`(text: String, canonical: String) throws {
        let address = try IPAddress(parsing: text)
        #expect(address.description == canonical)
        #expect(try IPAddress(parsing: canonical) == address)
        #expect(IPAddress(network: address.networkBytes) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4 ", "+1.2.3.4",
        "0x1.2.3.4",
        ":", ":::", "1:", ":1", "1:::2", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
        "12345::", "g::",
        "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1%eth0", "[::1]", "1:2:3:4::5:6:7:8",
        "::256.1.1.1",
    ])
    func `a text that is no address is refused`(text: String) {
        #expect(throws: IdentityError(.invalidAddress, "")) { try IPAddress(parsing: text) }
    }

    @Test func `any address reads back from its text`() throws {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<5_000 {
            let bytes = (0..<16).map { _ in
                Bool.random(using: &generator) ? UInt8(0) : UInt8.random(in: 0...255, using: &generator)
            }
            let address = try #require(IPAddress(network: bytes))
            #expect(try IPAddress(parsing: address.description) == address)
            #expect(address.networkBytes == bytes)
        }
    }

    @Test func `only four or sixteen bytes are an address`() {
        #expect(IPAddress(network: [1, 2, 3, 4])?.description == "1.2.3.4")
        #expect(IPAddress(network: [1, 2, 3]) == nil)
        #expect(IPAddress(network: []) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false),
        ("::2", false),
    ])
    func `loopback addresses are known`(text: String, loopback: Bool) throws {
        #expect(try IPAddress(parsing: text).isLoopback == loopback)
    }
}
