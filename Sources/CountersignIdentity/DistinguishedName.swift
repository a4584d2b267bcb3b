/// The distinguished name of a certificate's subject or issuer.
///
/// The levels are kept in the order of their encoding, the most general one first, and several attributes of one level
/// stay together. The text form (RFC 4514) is the reverse: the most specific level comes first.
///
/// Nothing here is ever decided from the text form: the accessors look at each attribute's own value, so a common name
/// `x,OU=app:1` is a common name and adds no organizational unit.
public struct DistinguishedName: Hashable, Sendable, CustomStringConvertible {
    /// The levels, the most general one first.
    public let levels: [RelativeDistinguishedName]

    /// A name with these levels, the most general one first, as in a certificate.
    public init(encodingOrder levels: [RelativeDistinguishedName]) {
        self.levels = levels
    }

    /// The name without attributes.
    public static let empty = DistinguishedName(encodingOrder: [])

    /// Parses the text form of RFC 4514.
    ///
    /// Strict: no spaces around separators, every special character escaped, known attribute types or object
    /// identifiers only, at most ``maximumTextLength`` bytes and ``maximumAttributes`` attributes.
    ///
    /// - Throws: ``IdentityError`` with `invalidDistinguishedName` or `unknownAttributeType`; the message has the
    /// offset.
    public init(parsing text: String) throws(IdentityError) {
        try self.init(parsing: Array(text.utf8))
    }

    /// Parses the UTF-8 of the text form of RFC 4514; see ``init(parsing:)-(String)``.
    public init(parsing utf8: [UInt8]) throws(IdentityError) {
        var parser = DistinguishedNameParser(utf8)
        self.init(encodingOrder: try parser.parse().reversed())
    }

    /// The longest text that is parsed, in bytes.
    public static let maximumTextLength = 16_384
    /// The most attributes that are parsed.
    public static let maximumAttributes = 128

    /// Whether there is no attribute at all.
    public var isEmpty: Bool { levels.allSatisfy(\.attributes.isEmpty) }

    /// Every attribute, in the order of encoding.
    public var attributes: [NameAttribute] { levels.flatMap(\.attributes) }

    /// The values of the common names (`CN`), in the order of encoding.
    public var commonNames: [String] { texts(of: .commonName) }

    /// The values of the organizations (`O`), in the order of encoding.
    public var organizations: [String] { texts(of: .organization) }

    /// The values of the organizational units (`OU`), in the order of encoding.
    public var organizationalUnits: [String] { texts(of: .organizationalUnit) }

    /// The character strings of every attribute of a type, in the order of encoding.
    public func texts(of type: NameAttributeType) -> [String] {
        attributes.compactMap { $0.type == type ? $0.text : nil }
    }

    /// The text form of RFC 4514, for people and logs.
    public var description: String { rendered(.rfc4514) }
}
