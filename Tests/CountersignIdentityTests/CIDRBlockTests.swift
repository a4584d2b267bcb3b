import CountersignIdentity
import Testing

@Suite struct CIDRBlockTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "203.0.113.9", true),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.0/31", "192.0.2.1", true),
        ("192.0.2.0/31", "192.0.2.2", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ("10.0.0.0/8", "::10.1.1.1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false), ("::/0", "::1", true),
        ("::/0", "10.0.0.1", false), ("::/0", "::ffff:10.0.0.1", true), ("::ffff:10.0.0.0/104", "10.2.3.4", true),
        ("::ffff:10.0.0.0/104", "11.2.3.4", false), ("0.0.0.0/0", "2001:db8::1", false), ("::1", "::1", true),
        ("fe80::/10", "febf::1", true), ("fe80::/10", "fec0::1", false),
    ])
    func `a block holds the addresses that share its prefix`(block: String, address: String, held: Bool) throws {
        #expect(try CIDRBlock(parsing: block).contains(try IPAddress(parsing: address)) == held)
    }

    @Test(arguments: [
        "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "10.0.0.1/8",
        "10.0.0.0/0x8",
    ])
    func `a malformed block is refused`(text: String) {
        #expect(throws: IdentityError(.invalidAddressBlock, "")) { try CIDRBlock(parsing: text) }
    }

    @Test(arguments: ["", "/8", "example.com/8", "10.0.0/8"])
    func `a block of something else is refused`(text: String) {
        #expect(throws: IdentityError(.invalidAddress, "")) { try CIDRBlock(parsing: text) }
    }

    @Test func `the error for stray bits says what would be right`() {
        let error = #expect(throws: IdentityError.self) { try CIDRBlock(parsing: "10.1.2.3/8") }
        #expect(error?.message.contains("10.0.0.0/8") == true)
    }
}
