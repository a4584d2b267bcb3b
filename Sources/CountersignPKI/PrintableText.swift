/// Text from certificates and files made safe to print: what came from outside cannot begin a line or hide one.
package enum PrintableText {
    /// The text with control characters, line separators, and characters that reorder text written as `\u{…}`.
    package static func escaped(_ text: String) -> String {
        var output = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate, .unassigned, .privateUse:
                output.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default:
                output.append(scalar)
            }
        }
        return String(output)
    }
}
