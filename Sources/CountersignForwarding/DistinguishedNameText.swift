/// The text of a distinguished name (RFC 2253, RFC 4514) in a form that nothing can be hidden in.
///
/// Escapes are where readers of such text disagree: whether a header's reader undoes `\,` or `\"` before the name's
/// reader sees it decides whether `O=a\,OU=b` is one attribute or two. So every escaped or special byte of a value is
/// written as a backslash and two hexadecimal digits, `=` included. The result has no quote, no doubled backslash and
/// no separator but real ones, and a reader that searches for `OU=app:` finds attributes only. Any reader of RFC 4514
/// text reads the same name from it.
package enum DistinguishedNameText {
    /// Appends the safe form of `text` to `output`: printable ASCII without `"` or `;`.
    ///
    /// Applying it twice changes nothing further. Text that is no distinguished name comes out as safe, if meaningless.
    package static func append(_ text: Span<UInt8>, to output: inout [UInt8]) {
        var inValue = false
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == backslash {
                if index + 1 < text.count, let high = PercentCoding.digit(text[index]),
                    let low = PercentCoding.digit(text[index + 1])
                {
                    appendEscape(high << 4 | low, to: &output)
                    index += 2
                } else if index < text.count {
                    appendEscape(text[index], to: &output)
                    index += 1
                } else {
                    appendEscape(backslash, to: &output)
                }
            } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "+") {
                output.append(byte)
                inValue = false
            } else if byte == UInt8(ascii: "="), !inValue {
                output.append(byte)
                inValue = true
            } else if isPlain(byte) {
                output.append(byte)
            } else {
                appendEscape(byte, to: &output)
            }
        }
    }

    /// The attributes of `text` in the order of the text, each as type and value in safe form.
    ///
    /// An attribute of a multi-valued RDN counts by itself; a part without `=` is left out.
    package static func attributes(of text: String) -> [(type: [UInt8], value: [UInt8])] {
        var safe: [UInt8] = []
        append(text.utf8.span, to: &safe)
        return safe.split(whereSeparator: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "+") }).compactMap { part in
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let type = part[..<equals].drop { $0 == UInt8(ascii: " ") }
            return (Array(type), Array(part[(equals + 1)...]))
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: ">"), backslash:
            false
        default:
            byte >= 0x20 && byte < 0x7F
        }
    }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(backslash)
        PercentCoding.appendHex(byte, to: &output)
    }

    private static let backslash = UInt8(ascii: "\\")
}
