import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct ReservedAddressesTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "169.254.0.1", "fe80::1",
        "febf::1", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "224.0.0.1", "239.255.255.255", "ff02::1",
        "255.255.255.255", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "2002:a9fe:a9fe::1",
    ])
    func addressesOfTheHostAndItsCloudAreReserved(text: String) throws {
        #expect(ReservedAddresses.purpose(of: try IPAddress(parsing: text)) != nil)
    }

    @Test(arguments: [
        "10.0.0.1", "192.168.1.1", "172.16.0.1", "8.8.8.8", "126.255.255.255", "128.0.0.1", "169.253.255.255",
        "170.0.0.1", "2001:db8::1", "fd00::1", "64:ff9b::808:808", "2002:808:808::", "::2", "fec0::1",
    ])
    func addressesOfTheNetworkAreNot(text: String) throws {
        #expect(ReservedAddresses.purpose(of: try IPAddress(parsing: text)) == nil)
    }
}
