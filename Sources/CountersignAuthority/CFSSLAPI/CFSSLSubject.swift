import CountersignIdentity
import CountersignJSON

/// A subject as the CFSSL API writes it: a common name and a list of names.
struct CFSSLSubject: Sendable, Hashable {
    /// The common name; nil when there is none.
    var commonName: String?
    /// The attributes beside it, in the order of certificates.
    var attributes: [NameAttribute] = []

    /// Reads `CN` and `names`.
    init(_ object: JSONObject) throws(JSONError) {
        commonName = try object.string("CN").flatMap { $0.isEmpty ? nil : $0 }
        let names = try object.objects("names", known: nil, atMost: Self.maximumNames) ?? []
        for (member, type) in Self.members {
            for name in names {
                if let text = try name.string(member), !text.isEmpty { attributes.append(NameAttribute(type, text)) }
            }
        }
        for member in ["SerialNumber", "serialnumber"] {
            if let number = try object.string(member), !number.isEmpty {
                attributes.append(NameAttribute(.serialNumber, number))
            }
        }
    }

    /// The name as certificates and requests hold it, the common name last.
    var distinguishedName: DistinguishedName {
        let all = attributes + (commonName.map { [NameAttribute(.commonName, $0)] } ?? [])
        return DistinguishedName(encodingOrder: all.map { RelativeDistinguishedName([$0]) })
    }

    private static let maximumNames = 16
    private static let members: [(String, NameAttributeType)] = [
        ("C", .country), ("ST", .stateOrProvince), ("L", .locality), ("O", .organization),
        ("OU", .organizationalUnit), ("E", .emailAddress), ("SerialNumber", .serialNumber),
    ]
}
