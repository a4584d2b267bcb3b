/// One value of a configuration file, with its place.
package struct ConfigurationNode: Sendable {
    /// What the value is.
    package enum Content: Sendable {
        /// Keys with values, in the order of the file; no key is there twice.
        case mapping([Entry])

        /// Values in the order of the file.
        case sequence([ConfigurationNode])

        /// A single value.
        case scalar(Scalar)

        /// A value that was reported as wrong already; whoever asks for it stays silent.
        case refused
    }

    /// A key with its value.
    package struct Entry: Sendable {
        /// The key.
        package var key: String

        /// The line of the key, counted from 1.
        package var line: Int

        /// The column of the key, counted from 1.
        package var column: Int

        /// The value.
        package var value: ConfigurationNode
    }

    /// A single value as it is written.
    package struct Scalar: Sendable {
        /// The text, with quotes and escapes of YAML undone.
        package var text: String

        /// Whether the text stands without quotes, so that `true`, `12` and `null` mean more than their text.
        package var isPlain: Bool
    }

    /// What the value is.
    package var content: Content

    /// The line where the value starts, counted from 1.
    package var line: Int

    /// The column where the value starts, counted from 1.
    package var column: Int

    /// The kind of the value in words that complete "found …"; a scalar's text is not part of it.
    package var kindInWords: String {
        switch content {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar(let scalar): scalar.kind.inWords
        case .refused: "a value that is refused"
        }
    }

    /// Whether the value is left out: nothing, `~` or `null` without quotes.
    package var isNull: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return scalar.kind == .null
    }
}

extension ConfigurationNode.Scalar {
    /// What a scalar means by the core schema of YAML 1.2.
    package enum Kind: Sendable {
        case null
        case boolean
        case integer
        case decimal
        case string

        var inWords: String {
            switch self {
            case .null: "nothing"
            case .boolean: "a boolean"
            case .integer: "a number"
            case .decimal: "a number with a fraction"
            case .string: "a text"
            }
        }
    }

    /// What the scalar means by the core schema of YAML 1.2; quoted text is always a string.
    package var kind: Kind {
        guard isPlain else { return .string }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE", "false", "False", "FALSE": return .boolean
        default: break
        }
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, Self.isDigit(first) || first == UInt8(ascii: ".") else { return .string }
        if digits.utf8.allSatisfy(Self.isDigit) {
            return .integer
        }
        let isDecimal = digits.utf8.allSatisfy { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
        return isDecimal && Double(digits) != nil ? .decimal : .string
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
