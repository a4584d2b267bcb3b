/// A serial number in the forms that people and protocols use.
package struct SerialNumber: Sendable, Hashable {
    /// The magnitude, big-endian, without leading zeros; empty for zero.
    package let magnitude: [UInt8]

    /// Takes the content of a non-negative INTEGER.
    package init(_ bytes: [UInt8]) {
        self.magnitude = Array(bytes.drop { $0 == 0 })
    }

    /// Lower-case hexadecimal, two digits for every byte.
    package var hexadecimal: String {
        self.magnitude.isEmpty ? "00" : Hexadecimal.text(of: self.magnitude)
    }

    /// Decimal digits.
    package var decimal: String {
        var digits: [UInt8] = []
        var number = self.magnitude[...]
        while !number.isEmpty {
            var remainder = 0
            var quotient: [UInt8] = []
            for byte in number {
                let current = remainder << 8 | Int(byte)
                quotient.append(UInt8(current / 10))
                remainder = current % 10
            }
            digits.append(UInt8(ascii: "0") + UInt8(remainder))
            number = quotient[...].drop { $0 == 0 }
        }
        return digits.isEmpty ? "0" : String(decoding: digits.reversed(), as: UTF8.self)
    }
}
