/// The extensions of a certificate, decoded where they are understood.
package struct CertificateExtensions: Sendable {
    /// basicConstraints.
    package private(set) var basicConstraints: BasicConstraintsField?
    /// keyUsage.
    package private(set) var keyUsage: KeyUsageField?
    /// extKeyUsage.
    package private(set) var extendedKeyUsage: ExtendedKeyUsageField?
    /// subjectAltName, in order; empty when the extension is absent.
    package private(set) var alternativeNames: [AlternativeName] = []
    /// nameConstraints.
    package private(set) var nameConstraints: NameConstraintsField?
    /// subjectKeyIdentifier.
    package private(set) var subjectKeyIdentifier: [UInt8]?
    /// authorityKeyIdentifier.
    package private(set) var authorityKeyIdentifier: AuthorityKeyIdentifierField?
    /// The URIs of cRLDistributionPoints.
    package private(set) var crlDistributionPoints: [String] = []
    /// The OCSP responders of authorityInfoAccess.
    package private(set) var ocspResponders: [String] = []
    /// The issuer locations of authorityInfoAccess.
    package private(set) var issuerLocations: [String] = []
    /// Every extension as it was encoded, in order.
    package private(set) var all: [Entry] = []

    /// One extension as it was encoded.
    package struct Entry: Sendable, Hashable {
        /// Which one it is.
        package let identifier: OID
        /// Whether a reader that does not understand it must refuse the certificate.
        package let isCritical: Bool
        /// Whether this module understands it.
        package let isUnderstood: Bool
        /// The content of the value.
        package let value: ArraySlice<UInt8>
    }

    /// The most extensions that are read.
    package static let maximumCount = 64

    /// The most subject alternative names that are read.
    package static let maximumAlternativeNames = 1_024

    /// No extensions.
    package init() {}

    /// Whether the extension with that identifier is there and critical.
    package func isCritical(_ identifier: OID) -> Bool {
        self.all.contains { $0.identifier == identifier && $0.isCritical }
    }

    /// The critical extensions that this module does not understand.
    package var unhandledCritical: [String] {
        self.all.filter { $0.isCritical && !$0.isUnderstood }.map(\.identifier.description)
    }
}

extension CertificateExtensions {
    /// Reads Extensions: at least one, none twice.
    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        let extensions = try fields.certificateExtensions()
        guard !extensions.isEmpty else { throw EncodingFault("an empty list of extensions") }
        for (identifier, isCritical, value) in extensions {
            let isUnderstood = try self.decode(identifier, value)
            self.all.append(
                Entry(
                    identifier: identifier,
                    isCritical: isCritical,
                    isUnderstood: isUnderstood,
                    value: value.content
                )
            )
        }
    }

    private mutating func decode(_ identifier: OID, _ value: DERField) throws(EncodingFault) -> Bool {
        switch identifier {
        case .basicConstraints: self.basicConstraints = try BasicConstraintsField(value.fieldInContent())
        case .keyUsage: self.keyUsage = try KeyUsageField(value.fieldInContent())
        case .extendedKeyUsage: self.extendedKeyUsage = try ExtendedKeyUsageField(value.fieldInContent())
        case .subjectAlternativeName: self.alternativeNames = try Self.names(value.fieldInContent())
        case .nameConstraints: self.nameConstraints = try NameConstraintsField(value.fieldInContent())
        case .subjectKeyIdentifier: self.subjectKeyIdentifier = Array(try value.fieldInContent().octetString())
        case .authorityKeyIdentifier:
            self.authorityKeyIdentifier = try AuthorityKeyIdentifierField(value.fieldInContent())
        case .crlDistributionPoints:
            self.crlDistributionPoints = try DistributionPointNames.uris(inList: value.fieldInContent())
        case .authorityInformationAccess: try self.decodeAccess(value.fieldInContent())
        // Any policy is acceptable to this verifier, so the extension constrains nothing; it must still be DER.
        case .certificatePolicies: _ = try value.fieldInContent()
        default: return false
        }
        return true
    }

    private static func names(_ field: DERField) throws(EncodingFault) -> [AlternativeName] {
        var names: [AlternativeName] = []
        for field in try field.fields() {
            guard names.count < Self.maximumAlternativeNames else {
                throw EncodingFault("more than \(Self.maximumAlternativeNames) names")
            }
            let name = try AlternativeName(field)
            if case .ip(let bytes) = name, bytes.count != 4, bytes.count != 16 {
                throw EncodingFault("an IP address of \(bytes.count) bytes")
            }
            names.append(name)
        }
        guard !names.isEmpty else {
            throw EncodingFault("a subject alternative name without any name")
        }
        return names
    }

    private mutating func decodeAccess(_ field: DERField) throws(EncodingFault) {
        for description in try field.fields() {
            var parts = try description.fields()
            let method = try parts.any().objectIdentifier()
            let location = try parts.next(orFault: EncodingFault("an access description without a location"))
            try parts.end()
            guard case .uri(let uri) = try AlternativeName(location) else { continue }
            if method == .ocsp { self.ocspResponders.append(uri) }
            if method == .caIssuers { self.issuerLocations.append(uri) }
        }
    }
}
