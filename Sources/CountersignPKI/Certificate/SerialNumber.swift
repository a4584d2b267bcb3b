/// A serial number in the forms that people and protocols use.
package struct SerialNumber: Sendable, Hashable {
    /// The magnitude, big-endian, without leading zeros; empty for zero.
    package let magnitude: [UInt8]

    /// The most bytes that are read of one; RFC 5280 section 4.1.2.2 has authorities write at most 20.
    static let maximumSize = 64

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
        // Nine digits at a time, of words of four bytes with the most significant first: each peer's number is told.
        var words: [UInt64] = []
        for (index, byte) in self.magnitude.reversed().enumerated() {
            if index % 4 == 0 { words.append(0) }
            words[index / 4] |= UInt64(byte) << (8 * (index % 4))
        }
        words.reverse()
        var digits: [UInt8] = []
        while words.contains(where: { $0 != 0 }) {
            var remainder: UInt64 = 0
            for index in words.indices {
                let current = remainder << 32 | words[index]
                (words[index], remainder) = current.quotientAndRemainder(dividingBy: 1_000_000_000)
            }
            for _ in 0..<9 {
                digits.append(UInt8(ascii: "0") + UInt8(remainder % 10))
                remainder /= 10
            }
        }
        let significant = digits.reversed().drop { $0 == UInt8(ascii: "0") }
        return significant.isEmpty ? "0" : String(decoding: significant, as: UTF8.self)
    }
}
