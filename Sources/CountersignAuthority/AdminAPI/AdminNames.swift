import CountersignJSON

/// The names that the admin API takes for what it makes.
///
/// A name is a segment of a SPIFFE ID and of paths, so that no spelling of one can be taken for something else.
enum AdminNames {
    /// The longest name of a token or an agent, in characters.
    static let longest = 128
    /// The longest name of a service or a namespace, in characters, as in the configuration file.
    static let longestService = 63
    /// The longest free text, in characters.
    static let longestText = 256

    /// What the name of a service is.
    static let serviceRule =
        "expected 1 to \(longestService) letters, digits, dots, hyphens and underscores, no dot first"

    /// The pattern of names of at most so many characters, for JSON Schema.
    static func pattern(atMost limit: Int) -> String { "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,\(limit - 1)}$" }

    /// Whether a text can name a service.
    static func isService(_ name: String) -> Bool { isName(name, atMost: longestService) }

    /// The name of a service or a namespace.
    ///
    /// - Throws: ``JSONError`` that names the member.
    static func service(_ member: String, _ object: JSONObject) throws(JSONError) -> String {
        try name(member, object, atMost: longestService)
    }

    /// The name of a token or an agent.
    ///
    /// - Throws: ``JSONError`` that names the member.
    static func token(_ member: String, _ object: JSONObject) throws(JSONError) -> String {
        try name(member, object, atMost: longest)
    }

    private static func name(_ member: String, _ object: JSONObject, atMost limit: Int) throws(JSONError) -> String {
        let name = try object.requiredString(member)
        guard isName(name, atMost: limit) else {
            throw object.wrong(member, "1 to \(limit) letters, digits, dots, hyphens and underscores, no dot first")
        }
        return name
    }

    private static func isName(_ name: String, atMost limit: Int) -> Bool {
        guard (1...limit).contains(name.utf8.count), name.utf8.first != UInt8(ascii: ".") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

extension JSONObject {
    /// A text of 1 to `limit` characters; nil when it is absent.
    ///
    /// - Throws: ``JSONError`` that names the member.
    func text(_ name: String, atMost limit: Int) throws(JSONError) -> String? {
        guard let text = try string(name) else { return nil }
        guard (1...limit).contains(text.unicodeScalars.count) else {
            throw wrong(name, "a text of 1 to \(limit) characters")
        }
        return text
    }
}
