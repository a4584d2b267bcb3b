/// Lower-case hexadecimal text.
package enum Hexadecimal {
    /// Two digits for every byte, without separators.
    package static func text(of bytes: some Sequence<UInt8>) -> String {
        var output: [UInt8] = []
        for byte in bytes {
            output.append(self.digits[Int(byte >> 4)])
            output.append(self.digits[Int(byte & 0x0F)])
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Two upper-case digits for every byte, with colons between, as certificate tools show fingerprints.
    package static func fingerprint(of bytes: some Sequence<UInt8>) -> String {
        var output = ""
        for byte in bytes {
            if !output.isEmpty { output += ":" }
            output += self.text(of: [byte]).uppercased()
        }
        return output
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
