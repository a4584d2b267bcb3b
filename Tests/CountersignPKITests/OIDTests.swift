import Testing

@testable import CountersignPKI

@Suite struct OIDTests {
    @Test(arguments: ["2.5.4.3", "0.0", "1.39", "2.40", "2.999.0", "1.3.6.1.4.1.311.21.8.9223372036854775000"])
    func `dotted forms are read as they are shown`(_ text: String) throws {
        let identifier = try #require(OID(dotted: text))
        #expect(identifier.description == text)
        #expect(OID(content: identifier.content) == identifier)
    }

    @Test(arguments: [
        "", "2", "2.", ".5", "2..5", "3.1", "0.40", "1.40", "2.5.x", "2.+5", "2.-5", "2.5.4.3 ",
        "2.5.9223372036854775808",
        "2.5.99999999999999999999",
    ])
    func `what is no dotted form is refused`(_ text: String) {
        #expect(OID(dotted: text) == nil)
    }

    @Test(
        arguments: [
            [], [0x80, 0x01], [0x55, 0x80, 0x01], [0x55, 0x1D, 0x8F],
            [0x55] + [UInt8](repeating: 0xFF, count: 9) + [0x01],
        ] as [[UInt8]]
    )
    func `what is no content of an encoding is refused`(_ content: [UInt8]) {
        #expect(OID(content: content[...]) == nil)
    }

    @Test func `the same identifier is equal wherever it was read`() throws {
        let bytes: [UInt8] = [0x30, 0x05, 0x06, 0x03, 0x55, 0x1D, 0x0F]
        let read = try DERField(parsing: bytes).onlyField().objectIdentifier()
        #expect(read == .keyUsage && read != .basicConstraints)
        #expect(Set([read]).contains(.keyUsage))
    }
}
