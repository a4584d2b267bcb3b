import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct ReservedAddressesTests {
    private func refusal(
        _ address: String,
        allow: [String] = [],
        deny: [String] = [],
        own: [String] = []
    ) throws -> String? {
        var rules = OutgoingRules()
        rules.others = .pass
        rules.allowed = try allow.map(Destination.init(parsing:))
        rules.denied = try deny.map(Destination.init(parsing:))
        let number = try IPAddress(parsing: address)
        return rules.refusal(
            of: number,
            host: try HostName(parsing: "a.example"),
            port: 80,
            own: Set(try own.map(IPAddress.init(parsing:)))
        )?.reason
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "169.254.0.1", "fe80::1",
        "febf::1", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "224.0.0.1", "239.255.255.255", "ff02::1",
        "255.255.255.255", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "2002:a9fe:a9fe::1", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
        "64:ff9b:1::808:808", "64:ff9b:1:a9fe:a9:fe00::", "::169.254.169.254", "::127.0.0.1", "::2",
        "::ffff:0:169.254.169.254", "::ffff:0:127.0.0.1", "fec0::1", "feff::1",
    ])
    func addressesOfTheHostAndItsCloudAreReserved(text: String) throws {
        #expect(try refusal(text) == "address_denied")
    }

    @Test(arguments: [
        "10.0.0.1", "192.168.1.1", "172.16.0.1", "8.8.8.8", "126.255.255.255", "128.0.0.1", "169.253.255.255",
        "170.0.0.1", "2001:db8::1", "fd00::1", "64:ff9b::808:808", "2002:808:808::", "::8.8.8.8", "::ffff:0:8.8.8.8",
        "fd20:ce::255", "fd00:c1::1", "64:ff9b:2::a9fe:a9fe",
    ])
    func addressesOfTheNetworkAreNot(text: String) throws {
        #expect(try refusal(text) == nil)
    }

    /// Each in a form of its own: mapped, compatible, translated, NAT64, NAT64 of the network's own, 6to4.
    static let forms = [
        "192.0.2.2", "::ffff:192.0.2.2", "::192.0.2.2", "::ffff:0:192.0.2.2", "64:ff9b::192.0.2.2",
        "64:ff9b:1::192.0.2.2", "64:ff9b:1:c000:2:200::", "2002:c000:202::1",
    ]

    @Test(arguments: forms)
    func anEmbeddedAddressIsJudgedByWhatIsDenied(text: String) throws {
        #expect(try refusal(text, deny: ["192.0.2.0/24"]) == "destination_denied")
        #expect(try refusal(text, allow: ["::/0", "0.0.0.0/0"], deny: ["192.0.2.2"]) == "destination_denied")
        let all = ["::/0", "0.0.0.0/0", "64:ff9b:1::/48"]
        #expect(try refusal(text, allow: all, deny: ["192.0.3.0/24"]) == nil)
    }

    @Test(arguments: forms.filter { !$0.hasPrefix("64:ff9b:1:") })
    func anEmbeddedAddressIsJudgedByWhatIsAllowed(text: String) throws {
        #expect(try refusal(text, allow: ["192.0.2.0/24"]) == nil)
        #expect(try refusal(text, allow: ["192.0.3.0/24"]) == "destination_not_allowed")
    }

    @Test func toNameAnAddressDoesNotNameTheReservedOneInIt() throws {
        #expect(try refusal("64:ff9b::a9fe:a9fe", allow: ["64:ff9b::/96"]) == "address_denied")
        #expect(try refusal("64:ff9b::a9fe:a9fe", allow: ["64:ff9b::/96", "169.254.169.254"]) == nil)
        #expect(try refusal("64:ff9b::808:808", allow: ["64:ff9b::/96"]) == nil)
        #expect(try refusal("64:ff9b:1::808:808", allow: ["64:ff9b:1::/48"]) == nil)
        #expect(try refusal("64:ff9b:1::a9fe:a9fe", allow: ["64:ff9b:1::/48"]) == "address_denied")
        #expect(try refusal("64:ff9b:1::808:808", allow: ["8.8.8.8"]) == "address_denied")
    }

    @Test func aBlockNamesNoReservedAddressInIt() throws {
        for block in ["127.0.0.0/8", "127.0.0.0/31", "0.0.0.0/0"] {
            #expect(try refusal("127.0.0.1", allow: [block]) == "address_denied")
        }
        #expect(try refusal("127.0.0.1", allow: ["127.0.0.1/32"]) == nil)
        #expect(try refusal("::1", allow: ["::/0"]) == "address_denied")
        #expect(try refusal("::1", allow: ["::1/128"]) == nil)
        #expect(try refusal("64:ff9b:1::808:808", allow: ["64::/16", "::/0"]) == "address_denied")
        #expect(try refusal("192.0.2.9", allow: ["192.0.2.0/24"], own: ["192.0.2.9"]) == "address_denied")
        #expect(try refusal("192.0.2.8", allow: ["192.0.2.0/24"], own: ["192.0.2.9"]) == nil)
    }

    @Test func theHostsOwnAddressesAreAsLoopback() throws {
        #expect(try refusal("192.0.2.9", own: ["192.0.2.9"]) == "address_denied")
        #expect(try refusal("64:ff9b::192.0.2.9", own: ["192.0.2.9"]) == "address_denied")
        #expect(try refusal("2001:db8::9", own: ["192.0.2.9", "2001:db8::9"]) == "address_denied")
        #expect(try refusal("192.0.2.8", own: ["192.0.2.9"]) == nil)
        #expect(try refusal("192.0.2.9", allow: ["192.0.2.9:80"], own: ["192.0.2.9"]) == nil)
        #expect(try refusal("192.0.2.9", allow: ["192.0.2.9:81"], own: ["192.0.2.9"]) == "address_denied")
        #expect(try refusal("192.0.2.9", allow: ["a.example"], own: ["192.0.2.9"]) == "address_denied")
    }
}
