/// Reads the text form of a distinguished name (RFC 4514, section 3).
struct DistinguishedNameParser {
    private let input: [UInt8]
    private var position = 0
    private var attributeCount = 0

    init(_ input: [UInt8]) {
        self.input = input
    }

    /// The levels in the order of the text, the most specific one first.
    mutating func parse() throws(IdentityError) -> [RelativeDistinguishedName] {
        guard input.count <= DistinguishedName.maximumTextLength else {
            throw failure("is \(input.count) bytes long; at most \(DistinguishedName.maximumTextLength) are read")
        }
        guard !input.isEmpty else { return [] }
        var levels: [RelativeDistinguishedName] = []
        repeat { levels.append(try parseLevel()) } while take(UInt8(ascii: ","))
        guard position == input.count else { throw failure("has an unescaped special character") }
        return levels
    }

    private mutating func parseLevel() throws(IdentityError) -> RelativeDistinguishedName {
        var attributes: [NameAttribute] = []
        repeat { attributes.append(try parseAttribute()) } while take(UInt8(ascii: "+"))
        return RelativeDistinguishedName(attributes)
    }

    private mutating func parseAttribute() throws(IdentityError) -> NameAttribute {
        attributeCount += 1
        guard attributeCount <= DistinguishedName.maximumAttributes else {
            throw failure("has more than \(DistinguishedName.maximumAttributes) attributes")
        }
        let start = position
        while let byte = current, Self.isTypeByte(byte) { position += 1 }
        guard start < position, current == UInt8(ascii: "=") else {
            throw failure("lacks an attribute type followed by '='")
        }
        let type = try NameAttributeType(parsing: String(decoding: input[start..<position], as: UTF8.self))
        position += 1
        if take(UInt8(ascii: "#")) {
            return NameAttribute(type, der: try parseHexadecimalString())
        }
        return NameAttribute(type, try parseText())
    }

    private mutating func parseHexadecimalString() throws(IdentityError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let byte = hexadecimalPair(at: position) {
            bytes.append(byte)
            position += 2
        }
        guard !bytes.isEmpty else { throw failure("has '#' without pairs of hexadecimal digits after it") }
        return bytes
    }

    private mutating func parseText() throws(IdentityError) -> String {
        let start = position
        var bytes: [UInt8] = []
        var endsWithBareSpace = false
        scan: while let byte = current {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "+"):
                break scan
            case 0, UInt8(ascii: "\""), UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: ">"):
                throw failure("has an unescaped special character")
            case UInt8(ascii: "\\"):
                bytes.append(try parseEscape())
                endsWithBareSpace = false
            case UInt8(ascii: " ") where position == start:
                throw failure("has an unescaped space at the beginning of a value")
            default:
                endsWithBareSpace = byte == UInt8(ascii: " ")
                bytes.append(byte)
                position += 1
            }
        }
        guard !endsWithBareSpace else { throw failure("has an unescaped space at the end of a value") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure("has a value that is not UTF-8")
        }
        return text
    }

    private mutating func parseEscape() throws(IdentityError) -> UInt8 {
        let next = position + 1
        if let byte = hexadecimalPair(at: next) {
            position += 3
            return byte
        }
        guard next < input.count, Self.isEscapable(input[next]) else {
            throw failure("has '\\' before something that is neither special nor two hexadecimal digits")
        }
        position += 2
        return input[next]
    }

    private var current: UInt8? { position < input.count ? input[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private func hexadecimalPair(at offset: Int) -> UInt8? {
        guard offset + 1 < input.count, let high = Self.hexadecimalValue(input[offset]),
            let low = Self.hexadecimalValue(input[offset + 1])
        else { return nil }
        return high << 4 | low
    }

    private func failure(_ problem: String) -> IdentityError {
        IdentityError(
            .invalidDistinguishedName,
            """
            distinguished name \(IdentityError.excerpt(of: input)) \(problem), at offset \(position); write it as \
            RFC 4514 does, such as CN=web,OU=edge,O=Example
            """
        )
    }

    private static func isTypeByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func isEscapable(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "+"), UInt8(ascii: ","): true
        case UInt8(ascii: ";"), UInt8(ascii: "<"), UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "\\"): true
        default: false
        }
    }

    private static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
