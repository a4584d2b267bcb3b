/// A JSON document that is written the same way every time: members keep their order, text is escaped.
package enum JSONValue: Sendable, Hashable {
    /// An object; its members are written in this order.
    case object([Member])
    /// An array.
    case array([JSONValue])
    /// A string.
    case string(String)
    /// A whole number.
    case number(Int64)
    /// A number with a fraction or an exponent.
    case fraction(Double)
    /// True or false.
    case bool(Bool)
    /// Null.
    case null

    /// One member of an object.
    package struct Member: Sendable, Hashable {
        /// The member's name.
        package let name: String
        /// The member's value.
        package let value: JSONValue

        /// A member.
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// An array of strings.
    package static func strings(_ values: [String]) -> JSONValue {
        .array(values.map(JSONValue.string))
    }

    /// A string, or null.
    package static func optional(_ value: String?) -> JSONValue {
        value.map(JSONValue.string) ?? .null
    }

    /// The document over several lines, indented by two spaces, without a final newline.
    package var text: String {
        var output = ""
        self.write(to: &output, indentation: 0)
        return output
    }

    /// The document on one line, without spaces.
    package var compact: String {
        var output = ""
        self.writeCompact(to: &output)
        return output
    }

    private func writeCompact(to output: inout String) {
        switch self {
        case .object(let members):
            output += "{"
            for (position, member) in members.enumerated() {
                output += position == 0 ? "\"" : ",\""
                output += Self.escaped(member.name)
                output += "\":"
                member.value.writeCompact(to: &output)
            }
            output += "}"
        case .array(let values):
            output += "["
            for (position, value) in values.enumerated() {
                if position > 0 { output += "," }
                value.writeCompact(to: &output)
            }
            output += "]"
        default: self.write(to: &output, indentation: 0)
        }
    }

    private func write(to output: inout String, indentation: Int) {
        switch self {
        case .object(let members):
            Self.list(members, "{", "}", &output, indentation) { member, output in
                output += "\"\(Self.escaped(member.name))\": "
                member.value.write(to: &output, indentation: indentation + 1)
            }
        case .array(let values):
            Self.list(values, "[", "]", &output, indentation) { value, output in
                value.write(to: &output, indentation: indentation + 1)
            }
        case .string(let text): output += "\"\(Self.escaped(text))\""
        case .number(let number): output += String(number)
        case .fraction(let number): output += String(number)
        case .bool(let value): output += value ? "true" : "false"
        case .null: output += "null"
        }
    }

    private static func list<Element>(
        _ elements: [Element],
        _ opening: String,
        _ closing: String,
        _ output: inout String,
        _ indentation: Int,
        _ write: (Element, inout String) -> Void
    ) {
        guard !elements.isEmpty else {
            output += opening + closing
            return
        }
        output += opening
        for (position, element) in elements.enumerated() {
            output += position == 0 ? "\n" : ",\n"
            output += String(repeating: "  ", count: indentation + 1)
            write(element, &output)
        }
        output += "\n" + String(repeating: "  ", count: indentation) + closing
    }

    /// RFC 8259 section 7, and everything that a terminal could take for more than text.
    private static func escaped(_ text: String) -> String {
        let bytes = text.utf8.span
        var (isPlain, isASCII) = (true, true)
        for position in bytes.indices {
            let byte = bytes[position]
            isPlain = isPlain && byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            isASCII = isASCII && byte < 0x7F
        }
        if isPlain, isASCII { return text }
        // Most of what is escaped is PEM: only line breaks, and no need to ask what kind of character each one is.
        if isASCII { return Self.escapedASCII(bytes) }
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            default:
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .format, .unassigned, .privateUse:
                    for unit in String(scalar).utf16 { output += "\\u" + Self.fourDigits(unit) }
                default:
                    output.unicodeScalars.append(scalar)
                }
            }
        }
        return output
    }

    private static func escapedASCII(_ bytes: Span<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 16 + 8)
        for position in bytes.indices {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case UInt8(ascii: "\n"):
                output.append(UInt8(ascii: "\\"))
                output.append(UInt8(ascii: "n"))
            case UInt8(ascii: "\r"): output += Array("\\r".utf8)
            case UInt8(ascii: "\t"): output += Array("\\t".utf8)
            case 0..<0x20: output += Array("\\u\(Self.fourDigits(UInt16(byte)))".utf8)
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func fourDigits(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
