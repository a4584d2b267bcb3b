/// The query of an admin call, percent-encoded.
package struct AdminQuery: Sendable {
    private var parts: [String] = []

    package init() {}

    /// Adds a parameter when there is a value.
    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        parts.append("\(name)=\(Self.encoded(value))")
    }

    /// The query with its `?`, or nothing.
    package var text: String { parts.isEmpty ? "" : "?" + parts.joined(separator: "&") }

    /// Everything but unreserved characters (RFC 3986 section 2.3) as escapes.
    package static func encoded(_ text: String) -> String {
        var output = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                output += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
            }
        }
        return output
    }
}
