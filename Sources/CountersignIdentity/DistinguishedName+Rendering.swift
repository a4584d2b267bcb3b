extension DistinguishedName {
    /// How a name is written as text.
    ///
    /// Every style parses back to the same name, except for a flattened one, whose attributes each get a level of their
    /// own.
    public struct TextStyle: Hashable, Sendable {
        /// Whether bytes above 127 are kept as UTF-8 (`false`) or written as `\` and two hexadecimal digits (`true`).
        public var escapesNonASCII: Bool
        /// Whether the attributes of one level are separated by `,` as if each had its own (`true`), or by `+`.
        public var flattensLevels: Bool

        /// A style with these choices.
        public init(escapesNonASCII: Bool, flattensLevels: Bool) {
            self.escapesNonASCII = escapesNonASCII
            self.flattensLevels = flattensLevels
        }

        /// RFC 4514 with UTF-8 kept: for people and logs.
        public static let rfc4514 = TextStyle(escapesNonASCII: false, flattensLevels: false)
        /// RFC 2253 in ASCII, as OpenSSL's flag of that name and Envoy write it: for header values.
        public static let rfc2253 = TextStyle(escapesNonASCII: true, flattensLevels: false)
        /// As ``rfc2253``, with `,` in place of `+`: GoRouter's `CN=…,OU=app:…,OU=space:…`, also for a certificate
        /// that holds all units in one level, as certificates made by Go programs do.
        public static let rfc2253Flattened = TextStyle(escapesNonASCII: true, flattensLevels: true)
    }

    /// The name as text, the most specific level first.
    ///
    /// Control characters are always escaped, so the result has none and cannot break a header line or a log line.
    public func rendered(_ style: TextStyle) -> String {
        var output: [UInt8] = []
        for level in levels.reversed() where !level.attributes.isEmpty {
            if !output.isEmpty { output.append(UInt8(ascii: ",")) }
            for (position, attribute) in level.attributes.enumerated() {
                if position > 0 { output.append(UInt8(ascii: style.flattensLevels ? "," : "+")) }
                Self.append(attribute, style, to: &output)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func append(_ attribute: NameAttribute, _ style: TextStyle, to output: inout [UInt8]) {
        output.append(contentsOf: attribute.type.description.utf8)
        output.append(UInt8(ascii: "="))
        switch attribute.value {
        case .text(let text) where attribute.type.shortName != nil:
            appendEscaped(text, style, to: &output)
        case .text(let text):
            // RFC 4514, section 2.4: a type in dotted form takes its value as encoded bytes.
            output.append(UInt8(ascii: "#"))
            appendHexadecimal(EncodedText.utf8String(text), to: &output)
        case .encoded(let der):
            output.append(UInt8(ascii: "#"))
            appendHexadecimal(der, to: &output)
        }
    }

    private static func appendEscaped(_ text: String, _ style: TextStyle, to output: inout [UInt8]) {
        let bytes = text.utf8
        let last = bytes.count - 1
        for (position, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "<"),
                UInt8(ascii: ">"), UInt8(ascii: "\\"):
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case UInt8(ascii: " ") where position == 0 || position == last, UInt8(ascii: "#") where position == 0:
                output.append(UInt8(ascii: "\\"))
                output.append(byte)
            case 0..<0x20, 0x7F:
                output.append(UInt8(ascii: "\\"))
                appendHexadecimal(CollectionOfOne(byte), to: &output)
            case 0x80... where style.escapesNonASCII:
                output.append(UInt8(ascii: "\\"))
                appendHexadecimal(CollectionOfOne(byte), to: &output)
            default:
                output.append(byte)
            }
        }
    }

    private static func appendHexadecimal(_ bytes: some Sequence<UInt8>, to output: inout [UInt8]) {
        for byte in bytes {
            output.append(hexadecimalDigit(byte >> 4))
            output.append(hexadecimalDigit(byte & 15))
        }
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
