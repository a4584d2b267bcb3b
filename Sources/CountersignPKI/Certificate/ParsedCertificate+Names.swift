package import CountersignIdentity

extension RelativeNames {
    /// The name as one line for messages (RFC 2253, ASCII), without control characters.
    package var text: String {
        self.distinguishedName.rendered(.rfc2253)
    }
}

extension ParsedCertificate {
    /// The certificate's name for messages: its subject, or its serial number when that is empty.
    package var label: String {
        guard !self.subject.isEmpty else {
            return "the certificate with serial number \(Hexadecimal.text(of: self.serialNumber))"
        }
        return "the certificate '\(self.subject.text)'"
    }

    /// The subject as a distinguished name.
    package var subjectName: DistinguishedName {
        self.subject.distinguishedName
    }

    /// Whether a URI name claims to be a SPIFFE ID, well-formed or not.
    var namesWorkload: Bool {
        self.extensions.alternativeNames.contains { name in
            guard case .uri(let uri) = name else { return false }
            return uri.lowercased().hasPrefix("spiffe:")
        }
    }

    /// The issuer as a distinguished name.
    package var issuerName: DistinguishedName {
        self.issuer.distinguishedName
    }
}

extension RelativeNames {
    /// The name as a value of the identity layer.
    package var distinguishedName: DistinguishedName {
        DistinguishedName(
            encodingOrder: self.components.map { component in
                RelativeDistinguishedName(component.compactMap(\.nameAttribute))
            }
        )
    }
}

extension RelativeNames.Attribute {
    /// The attribute as a value of the identity layer; nil when its type cannot be named there.
    fileprivate var nameAttribute: NameAttribute? {
        guard let type = self.nameType else { return nil }
        guard let text = self.text else { return NameAttribute(type, der: Array(self.valueDER)) }
        return NameAttribute(type, text)
    }

    /// The type as the identity layer has it; those of nearly all names need no text of their own.
    private var nameType: NameAttributeType? {
        switch self.type {
        case .commonName: .commonName
        case .organizationalUnit: .organizationalUnit
        case .organization: .organization
        case .country: .country
        default: try? NameAttributeType(oid: self.type.description)
        }
    }
}
