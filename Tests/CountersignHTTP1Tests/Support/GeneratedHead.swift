import CountersignTesting

/// A request head in order, made at random, with what it was made of.
struct GeneratedHead {
    struct Field {
        let name: [UInt8]
        let value: [UInt8]
    }

    let method: String
    let path: String
    let host: String
    let fields: [Field]

    /// Bytes behind the head.
    let following: [UInt8]

    /// The head and what follows it.
    let bytes: [UInt8]

    init(using generator: inout SeededGenerator) {
        method = ["GET", "POST", "DELETE", "X", "M-SEARCH", "PROPPATCH"].randomElement(using: &generator) ?? "GET"
        path = "/" + Self.text("abcXYZ019-._~!$&'()*+,;=:@/?%[]{}|\"<>\\^`", 0...40, &generator)
        host = Self.text("abcXYZ019-", 1...20, &generator) + (Bool.random(using: &generator) ? ":8443" : "")
        following = latin1(Self.text("GET /\r\n\0", 0...6, &generator))
        var fields = [Field(name: latin1("Host"), value: latin1(host))]
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: fields.append(Field(name: latin1("content-length"), value: latin1("42")))
        case 1: fields.append(Field(name: latin1("Transfer-Encoding"), value: latin1("chunked")))
        default: break
        }
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            let name = "X" + Self.text("abcXYZ019-_.!#$%&'*+^`|~", 0...24, &generator)
            let value = Self.text("ab\t \u{80}\u{FF}:,;\"XYZ()\\", 0...40, &generator)
            fields.append(Field(name: latin1(name), value: latin1("(\(value))")))
        }
        fields.shuffle(using: &generator)
        self.fields = fields
        var bytes = Bool.random(using: &generator) ? latin1("\r\n") : []
        bytes += latin1("\(method) \(path) HTTP/1.1\r\n")
        for field in fields {
            let isFraming = field.name.count > 4 && field.name[0] != 0x58
            let space = isFraming ? " " : Self.text(" \t", 0...3, &generator)
            bytes += field.name + latin1(":" + space) + field.value
            bytes += latin1(isFraming ? "" : Self.text(" \t", 0...3, &generator)) + latin1("\r\n")
        }
        self.bytes = bytes + latin1("\r\n") + following
    }

    private static func text(
        _ alphabet: String,
        _ count: ClosedRange<Int>,
        _ generator: inout SeededGenerator
    ) -> String {
        let characters = Array(alphabet.unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: count, using: &generator) {
            text.append(characters[Int.random(in: characters.indices, using: &generator)])
        }
        return String(text)
    }
}
