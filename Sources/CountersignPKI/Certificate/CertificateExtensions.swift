import SwiftASN1

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
        /// The dotted object identifier.
        package let identifier: String
        /// Whether a reader that does not understand it must refuse the certificate.
        package let isCritical: Bool
        /// Whether this module understands it.
        package let isUnderstood: Bool
        /// The content of the value.
        package let value: [UInt8]
    }

    /// The most extensions that are read.
    package static let maximumCount = 64

    /// The most subject alternative names that are read.
    package static let maximumAlternativeNames = 1_024

    /// No extensions.
    package init() {}

    /// Whether the extension with that identifier is there and critical.
    package func isCritical(_ identifier: String) -> Bool {
        self.all.contains { $0.identifier == identifier && $0.isCritical }
    }

    /// The critical extensions that this module does not understand.
    package var unhandledCritical: [String] {
        self.all.filter { $0.isCritical && !$0.isUnderstood }.map(\.identifier)
    }
}

extension CertificateExtensions {
    /// Reads Extensions: at least one, none twice.
    init(derEncoded node: ASN1Node) throws {
        guard node.identifier == .sequence, case .constructed(let nodes) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        var seen: Set<ASN1ObjectIdentifier> = []
        for node in nodes {
            let (identifier, isCritical, value) = try DER.sequence(node, identifier: .sequence) { inner in
                let identifier = try ASN1ObjectIdentifier(derEncoded: &inner)
                let isCritical: Bool = try DER.decodeDefault(&inner, defaultValue: false)
                return (identifier, isCritical, try ASN1OctetString(derEncoded: &inner).bytes)
            }
            guard seen.insert(identifier).inserted, seen.count <= Self.maximumCount else {
                throw EncodingFault("extension \(identifier) twice, or too many extensions")
            }
            let isUnderstood = try self.decode(identifier, value)
            self.all.append(
                Entry(
                    identifier: String(describing: identifier),
                    isCritical: isCritical,
                    isUnderstood: isUnderstood,
                    value: Array(value)
                )
            )
        }
        guard !self.all.isEmpty else {
            throw EncodingFault("an empty list of extensions")
        }
    }

    private mutating func decode(_ identifier: ASN1ObjectIdentifier, _ value: ArraySlice<UInt8>) throws -> Bool {
        switch identifier {
        case ObjectIdentifiers.basicConstraints:
            self.basicConstraints = try BasicConstraintsField(derEncoded: try DER.parse(value))
        case ObjectIdentifiers.keyUsage:
            self.keyUsage = try KeyUsageField(derEncoded: try DER.parse(value))
        case ObjectIdentifiers.extendedKeyUsage:
            self.extendedKeyUsage = try ExtendedKeyUsageField(derEncoded: try DER.parse(value))
        case ObjectIdentifiers.subjectAlternativeName:
            self.alternativeNames = try Self.names(try DER.parse(value))
        case ObjectIdentifiers.nameConstraints:
            self.nameConstraints = try NameConstraintsField(derEncoded: try DER.parse(value))
        case ObjectIdentifiers.subjectKeyIdentifier:
            self.subjectKeyIdentifier = Array(try ASN1OctetString(derEncoded: try DER.parse(value)).bytes)
        case ObjectIdentifiers.authorityKeyIdentifier:
            self.authorityKeyIdentifier = try AuthorityKeyIdentifierField(derEncoded: try DER.parse(value))
        case ObjectIdentifiers.crlDistributionPoints:
            self.crlDistributionPoints = try DistributionPointNames.uris(inList: try DER.parse(value))
        case ObjectIdentifiers.authorityInformationAccess:
            try self.decodeAccess(try DER.parse(value))
        case ObjectIdentifiers.certificatePolicies:
            // Any policy is acceptable to this verifier, so the extension constrains nothing; it must still be DER.
            _ = try DER.parse(value)
        default:
            return false
        }
        return true
    }

    private static func names(_ node: ASN1Node) throws -> [AlternativeName] {
        guard node.identifier == .sequence, case .constructed(let nodes) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        var names: [AlternativeName] = []
        for node in nodes {
            guard names.count < Self.maximumAlternativeNames else {
                throw EncodingFault("more than \(Self.maximumAlternativeNames) names")
            }
            let name = try AlternativeName(derEncoded: node)
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

    private mutating func decodeAccess(_ node: ASN1Node) throws {
        guard node.identifier == .sequence, case .constructed(let nodes) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        for node in nodes {
            let (method, location) = try DER.sequence(node, identifier: .sequence) { inner in
                let method = try ASN1ObjectIdentifier(derEncoded: &inner)
                guard let location = inner.next() else {
                    throw EncodingFault("an access description without a location")
                }
                return (method, try AlternativeName(derEncoded: location))
            }
            guard case .uri(let uri) = location else { continue }
            if method == ObjectIdentifiers.ocsp { self.ocspResponders.append(uri) }
            if method == ObjectIdentifiers.caIssuers { self.issuerLocations.append(uri) }
        }
    }
}
