package import CountersignPKI

/// How a TLS terminator writes a serial number.
///
/// `11259375` is a number in both forms, and another one in each: guessing would look up the wrong certificate.
package enum SerialFormat: String, Sendable, Hashable, CaseIterable {
    /// Hexadecimal, in either case, with colons between the bytes or without.
    case hexadecimal
    /// Decimal digits.
    case decimal

    /// The serial number; nil when it is not in the form.
    package func serial(_ text: String) -> SerialNumber? {
        switch self {
        case .decimal: return SerialNumber(decimal: text)
        case .hexadecimal:
            let digits = text.filter { $0 != ":" }
            guard digits.utf8.count <= 64,
                let bytes = Hexadecimal.bytes(of: digits.utf8.count % 2 == 0 ? digits : "0\(digits)"),
                !bytes.isEmpty
            else { return nil }
            return SerialNumber(bytes)
        }
    }
}
