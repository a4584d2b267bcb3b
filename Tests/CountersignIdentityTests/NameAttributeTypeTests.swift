import CountersignIdentity
import Testing

@Suite struct NameAttributeTypeTests {
    @Test(arguments: [
        ("CN", "2.5.4.3"), ("cn", "2.5.4.3"), ("commonName", "2.5.4.3"), ("OU", "2.5.4.11"), ("O", "2.5.4.10"),
        ("C", "2.5.4.6"), ("ST", "2.5.4.8"), ("S", "2.5.4.8"), ("L", "2.5.4.7"), ("STREET", "2.5.4.9"),
        ("DC", "0.9.2342.19200300.100.1.25"), ("UID", "0.9.2342.19200300.100.1.1"),
        ("emailAddress", "1.2.840.113549.1.9.1"), ("E", "1.2.840.113549.1.9.1"), ("serialNumber", "2.5.4.5"),
        ("SN", "2.5.4.4"), ("GN", "2.5.4.42"), ("2.5.4.3", "2.5.4.3"), ("1.2.3", "1.2.3"),
    ])
    func `short names and identifiers are known`(text: String, oid: String) throws {
        let type = try NameAttributeType(parsing: text)
        #expect(type.oid == oid)
        #expect(try NameAttributeType(parsing: type.description) == type)
    }

    @Test(arguments: [
        "", "XX", "CN ", "OID.2.5.4.3", "2", "2.", ".2", "2.5.04", "3.5", "2.5.x", "2.5.4.3 ", "ＯＵ", "-1.2",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: IdentityError(.unknownAttributeType, "")) { try NameAttributeType(parsing: text) }
    }
}
