/// One block of a PEM text: what stood between a BEGIN and its END line.
package struct PEMBlock: Sendable {
    /// The words of the BEGIN line, such as `CERTIFICATE`.
    package let label: String

    /// The decoded content.
    package let der: [UInt8]

    /// The line of the BEGIN line, counted from 1.
    package let line: Int

    /// The block as PEM text with lines of 64 characters and a final newline (RFC 7468).
    package var text: String {
        PEMBlock.text(label: self.label, der: self.der)
    }

    /// Creates a block that was not read from a text.
    package init(label: String, der: [UInt8], line: Int = 1) {
        self.label = label
        self.der = der
        self.line = line
    }

    /// Encodes `der` as PEM text with lines of 64 characters and a final newline (RFC 7468).
    package static func text(label: String, der: [UInt8]) -> String {
        let encoded = Base64.encode(der)
        var text: [UInt8] = []
        text.reserveCapacity(encoded.count + encoded.count / 64 + 2 * label.utf8.count + 40)
        text += "-----BEGIN \(label)-----\n".utf8
        for start in stride(from: 0, to: encoded.count, by: 64) {
            text += encoded[start..<min(start + 64, encoded.count)]
            text.append(UInt8(ascii: "\n"))
        }
        text += "-----END \(label)-----\n".utf8
        return String(decoding: text, as: UTF8.self)
    }
}
