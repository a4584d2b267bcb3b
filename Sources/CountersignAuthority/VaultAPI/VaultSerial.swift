/// Serial numbers as the Vault API writes them: `1a:2b:3c`.
enum VaultSerial {
    /// The text for a serial number of the inventory.
    static func text(_ serial: String) -> String {
        var digits = Array(serial.utf8)
        for place in stride(from: 2, to: digits.count / 2 * 3 - 1, by: 3) {
            digits.insert(UInt8(ascii: ":"), at: place)
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The serial number in the inventory's form; nil when the text is none.
    ///
    /// Paths have hyphens where the rest has colons.
    static func inventory(_ text: String) -> String? {
        let digits = text.lowercased().filter { $0 != ":" && $0 != "-" }
        guard !digits.isEmpty, digits.utf8.count <= 64, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
            return nil
        }
        return digits.utf8.count.isMultiple(of: 2) ? digits : "0" + digits
    }
}
