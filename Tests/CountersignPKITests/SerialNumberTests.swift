import CountersignPKI
import Testing

@Suite struct SerialNumberTests {
    @Test(arguments: [
        ("0", "00"), ("1", "01"), ("255", "ff"), ("256", "0100"), ("00256", "0100"),
        ("340282366920938463463374607431768211455", "ffffffffffffffffffffffffffffffff"),
    ])
    func `decimal digits are read`(_ decimal: String, _ hexadecimal: String) {
        #expect(SerialNumber(decimal: decimal)?.hexadecimal == hexadecimal)
    }

    @Test func `reading undoes writing`() throws {
        let serial = SerialNumber([UInt8](repeating: 0xA7, count: 20))
        #expect(SerialNumber(decimal: serial.decimal) == serial)
    }

    @Test(arguments: ["", "-1", "0x10", "1a", " 1", "1_000", "٣", String(repeating: "9", count: 79)])
    func `anything else is refused`(_ text: String) {
        #expect(SerialNumber(decimal: text) == nil)
    }
}
