extension JSONValue {
    /// The document over several lines, indented by two spaces, without a final newline.
    package var text: String {
        var output: [UInt8] = []
        self.write(to: &output, indentation: 0)
        return String(decoding: output, as: UTF8.self)
    }

    /// The document on one line, without spaces.
    package var compact: String {
        String(decoding: self.compactBytes, as: UTF8.self)
    }

    /// The document on one line, without spaces, in UTF-8.
    package var compactBytes: [UInt8] {
        var output: [UInt8] = []
        self.write(to: &output, indentation: nil)
        return output
    }

    /// The document on one line, without spaces, and the end of that line, in UTF-8.
    package var compactLine: [UInt8] {
        var output = self.compactBytes
        output.append(UInt8(ascii: "\n"))
        return output
    }

    /// - Parameter indentation: How deep the lines of the document are; nil for one line.
    private func write(to output: inout [UInt8], indentation: Int?) {
        switch self {
        case .object(let members):
            Self.list(members, "{", "}", &output, indentation) { member, output in
                Self.write(member.name, to: &output)
                output += (indentation == nil ? ":" : ": ").utf8
                member.value.write(to: &output, indentation: indentation.map { $0 + 1 })
            }
        case .array(let values):
            Self.list(values, "[", "]", &output, indentation) { value, output in
                value.write(to: &output, indentation: indentation.map { $0 + 1 })
            }
        case .string(let text): Self.write(text, to: &output)
        case .number(let number): output += String(number).utf8
        case .fraction(let number): output += String(number).utf8
        case .bool(let value): output += (value ? "true" : "false").utf8
        case .null: output += "null".utf8
        }
    }

    private static func list<Element>(
        _ elements: [Element],
        _ opening: Unicode.Scalar,
        _ closing: Unicode.Scalar,
        _ output: inout [UInt8],
        _ indentation: Int?,
        _ write: (Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: opening))
        for (position, element) in elements.enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            if let indentation { self.breakLine(&output, indentation + 1) }
            write(element, &output)
        }
        if let indentation, !elements.isEmpty { self.breakLine(&output, indentation) }
        output.append(UInt8(ascii: closing))
    }

    private static func breakLine(_ output: inout [UInt8], _ indentation: Int) {
        output.append(UInt8(ascii: "\n"))
        output += repeatElement(UInt8(ascii: " "), count: 2 * indentation)
    }
}

extension JSONValue {
    /// A string in quotes: escaped is what RFC 8259 section 7 wants, and all that a terminal could take for more than
    /// text.
    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let written = self.writeASCII(text, to: &output)
        let rest = text.utf8.index(text.startIndex, offsetBy: written)
        for scalar in text.unicodeScalars[rest...] { self.write(scalar, to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    /// Writes a text up to the first byte above 0x7E.
    ///
    /// Most of what is long is PEM: whole lines are copied at once, and nobody asks what kind of character each one is.
    ///
    /// - Returns: how many bytes of the text were written.
    private static func writeASCII(_ text: String, to output: inout [UInt8]) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var (start, position) = (0, 0)
            while position < bytes.count {
                let byte = unsafe bytes[position]
                if byte > 0x7E { break }
                if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    unsafe output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
                    self.write(Unicode.Scalar(byte), to: &output)
                    start = position + 1
                }
                position += 1
            }
            unsafe output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
            return position
        }
    }

    private static func write(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        switch scalar {
        case "\"": output += #"\""#.utf8
        case "\\": output += #"\\"#.utf8
        case "\n": output += #"\n"#.utf8
        case "\r": output += #"\r"#.utf8
        case "\t": output += #"\t"#.utf8
        default:
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format, .unassigned, .privateUse:
                for unit in String(scalar).utf16 { output += "\\u\(self.fourDigits(unit))".utf8 }
            default:
                output += String(scalar).utf8
            }
        }
    }

    private static func fourDigits(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
