import CountersignTransport
import Testing

@Suite struct InterfaceAddressesTests {
    @Test func theHostHasLoopbackAndNoAddressTwiceTheSize() throws {
        let found = try InterfaceAddresses.all()
        #expect(found.contains([127, 0, 0, 1]))
        #expect(found.allSatisfy { $0.count == 4 || $0.count == 16 })
    }

    @Test func anAddressOfADocumentIsNoneOfTheHosts() throws {
        #expect(try !InterfaceAddresses.all().contains([198, 51, 100, 77]))
    }
}
