import FoundationEssentials
import GRDB

/// Columns for lower-case hexadecimal text, kept as the bytes that it stands for: half the space in table, index and log.
///
/// Other text is kept as it is, so that nothing is lost on the way.
enum HexadecimalColumn {
    /// The column's value.
    static func value(_ text: String) -> DatabaseValue {
        guard let bytes = Self.bytes(text) else { return text.databaseValue }
        return Data(bytes).databaseValue
    }

    /// The text of a column's value; nil when it is neither bytes nor text.
    static func text(_ value: DatabaseValue) -> String? {
        switch value.storage {
        case .string(let text): text
        case .blob(let bytes): Self.text(bytes)
        default: nil
        }
    }

    private static func text(_ bytes: Data) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            digits.append(Self.digit(byte >> 4))
            digits.append(Self.digit(byte & 15))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = Self.value(digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }
}
