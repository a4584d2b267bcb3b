import CountersignIdentity
import CountersignPolicy
import Testing

@Suite struct AddressReadingsTests {
    @Test(arguments: [
        ("192.0.2.1", ["192.0.2.1"]), ("::ffff:192.0.2.1", ["192.0.2.1"]), ("2001:db8::1", ["2001:db8::1"]),
        ("::1", ["::1"]), ("::", ["::"]),
        ("::192.0.2.1", ["::c000:201", "192.0.2.1"]),
        ("::ffff:0:192.0.2.1", ["::ffff:0:c000:201", "192.0.2.1"]),
        ("64:ff9b::192.0.2.1", ["64:ff9b::c000:201", "192.0.2.1"]),
        ("2002:c000:201::1", ["2002:c000:201::1", "192.0.2.1"]),
        ("64:ff9b:1::192.0.2.1", ["64:ff9b:1::c000:201", "192.0.2.1"]),
        ("64:ff9b:2::192.0.2.1", ["64:ff9b:2::c000:201"]), ("2003:c000:201::1", ["2003:c000:201::1"]),
    ])
    func `an address is read as all that it may lead to`(text: String, readings: [String]) throws {
        #expect(try IPAddress(parsing: text).readings.map(\.description) == readings)
    }

    /// The forms of RFC 6052 section 2.2 for 192.0.2.33 under prefixes of 48, 56, 64 and 96 bits.
    @Test(arguments: [
        "64:ff9b:1:c000:2:2100::", "64:ff9b:1:12c0:0:221::", "64:ff9b:1:abcd:c0:2:2100:0",
        "64:ff9b:1:abcd:0:0:192.0.2.33",
    ])
    func `under a translator's own prefix each length counts`(text: String) throws {
        #expect(try IPAddress(parsing: text).readings.contains(try IPAddress(parsing: "192.0.2.33")))
    }
}
