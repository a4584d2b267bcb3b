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

    @Test(arguments: 0...32) func `reading undoes writing`(_ count: Int) throws {
        for byte in [UInt8(0x01), 0x80, 0xA7, 0xFF] {
            let serial = SerialNumber([UInt8](repeating: byte, count: count))
            #expect(SerialNumber(decimal: serial.decimal) == serial)
        }
    }

    @Test(
        arguments: [
            ([], "0"), ([0], "0"), ([9], "9"), ([0x3B, 0x9A, 0xC9, 0xFF], "999999999"),
            ([0x3B, 0x9A, 0xCA, 0x00], "1000000000"), ([1, 0, 0, 0, 0], "4294967296"),
            ([0x0D, 0xE0, 0xB6, 0xB3, 0xA7, 0x64, 0, 0], "1000000000000000000"),
        ] as [([UInt8], String)]
    )
    func `decimal digits are written`(_ bytes: [UInt8], _ decimal: String) {
        #expect(SerialNumber(bytes).decimal == decimal)
    }

    @Test(arguments: ["", "-1", "0x10", "1a", " 1", "1_000", "٣", String(repeating: "9", count: 79)])
    func `anything else is refused`(_ text: String) {
        #expect(SerialNumber(decimal: text) == nil)
    }
}
