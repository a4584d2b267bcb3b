/// The type of an attribute in a distinguished name, such as common name (`CN`, 2.5.4.3).
public struct NameAttributeType: Hashable, Sendable, CustomStringConvertible {
    /// The longest object identifier that is accepted, in bytes of its dotted form.
    public static let maximumLength = 128

    /// The object identifier in dotted decimal form.
    public let oid: String

    /// Takes an object identifier in dotted decimal form.
    ///
    /// - Throws: ``IdentityError`` with `unknownAttributeType` when it is not one.
    public init(oid: String) throws(IdentityError) {
        guard Self.isObjectIdentifier(oid) else {
            throw IdentityError(
                .unknownAttributeType,
                "\(IdentityError.excerpt(of: oid)) is not an object identifier such as 2.5.4.3"
            )
        }
        self.oid = oid
    }

    /// Parses a short name, in any case, or an object identifier.
    ///
    /// - Throws: ``IdentityError`` with `unknownAttributeType` when it is neither.
    public init(parsing text: String) throws(IdentityError) {
        if let first = text.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
            try self.init(oid: text)
            return
        }
        guard let known = Self.byFoldedName[text.lowercased()] else {
            throw IdentityError(
                .unknownAttributeType,
                """
                \(IdentityError.excerpt(of: text)) is not an attribute type; write a short name such as CN, O or OU, \
                or an object identifier
                """
            )
        }
        self = known
    }

    /// The usual short name, such as `CN`; `nil` for a type that has none here.
    public var shortName: String? { Self.shortNames[oid] }

    /// The text form, for people and logs.
    public var description: String { shortName ?? oid }

    /// The type `CN`.
    public static let commonName = NameAttributeType(known: "2.5.4.3")
    /// The type `serialNumber`.
    public static let serialNumber = NameAttributeType(known: "2.5.4.5")
    /// The type `C`.
    public static let country = NameAttributeType(known: "2.5.4.6")
    /// The type `L`.
    public static let locality = NameAttributeType(known: "2.5.4.7")
    /// The type `ST`.
    public static let stateOrProvince = NameAttributeType(known: "2.5.4.8")
    /// The type `STREET`.
    public static let streetAddress = NameAttributeType(known: "2.5.4.9")
    /// The type `O`.
    public static let organization = NameAttributeType(known: "2.5.4.10")
    /// The type `OU`.
    public static let organizationalUnit = NameAttributeType(known: "2.5.4.11")
    /// The type `emailAddress`.
    public static let emailAddress = NameAttributeType(known: "1.2.840.113549.1.9.1")
    /// The type `DC`.
    public static let domainComponent = NameAttributeType(known: "0.9.2342.19200300.100.1.25")
    /// The type `UID`.
    public static let userID = NameAttributeType(known: "0.9.2342.19200300.100.1.1")

    private init(known oid: String) { self.oid = oid }

    private static func isObjectIdentifier(_ text: String) -> Bool {
        guard text.utf8.count <= maximumLength else { return false }
        let arcs = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard arcs.count >= 2, let root = arcs.first, root.count == 1, let top = root.first,
            (UInt8(ascii: "0")...UInt8(ascii: "2")).contains(top)
        else { return false }
        return arcs.allSatisfy { arc in
            guard let first = arc.first, arc.count == 1 || first != UInt8(ascii: "0") else { return false }
            return arc.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
    }

    /// RFC 4514 section 3 first, then the names that OpenSSL prints for what certificates hold in practice.
    private static let shortNames: [String: String] = [
        "2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST",
        "2.5.4.9": "STREET", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.13": "description",
        "2.5.4.15": "businessCategory", "2.5.4.17": "postalCode", "2.5.4.41": "name", "2.5.4.42": "GN",
        "2.5.4.43": "initials", "2.5.4.44": "generationQualifier", "2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym",
        "2.5.4.97": "organizationIdentifier", "0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
        "1.2.840.113549.1.9.1": "emailAddress", "1.2.840.113549.1.9.2": "unstructuredName",
        "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL", "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
        "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
    ]

    /// Other spellings that are read but never written.
    private static let aliases: [String: String] = [
        "commonname": "2.5.4.3", "surname": "2.5.4.4", "countryname": "2.5.4.6", "localityname": "2.5.4.7",
        "stateorprovincename": "2.5.4.8", "s": "2.5.4.8", "streetaddress": "2.5.4.9", "organizationname": "2.5.4.10",
        "organizationalunitname": "2.5.4.11", "givenname": "2.5.4.42", "userid": "0.9.2342.19200300.100.1.1",
        "domaincomponent": "0.9.2342.19200300.100.1.25", "email": "1.2.840.113549.1.9.1", "e": "1.2.840.113549.1.9.1",
    ]

    private static let byFoldedName: [String: NameAttributeType] = {
        var table = aliases.mapValues { NameAttributeType(known: $0) }
        for (oid, name) in shortNames { table[name.lowercased()] = NameAttributeType(known: oid) }
        return table
    }()
}
