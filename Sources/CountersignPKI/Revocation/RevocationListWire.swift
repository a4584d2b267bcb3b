import SwiftASN1

/// CertificateList and TBSCertList (RFC 5280 section 5.1).
struct RevocationListWire {
    var signedBytes: [UInt8] = []
    var algorithm = SignatureAlgorithm.unknown("")
    var algorithmsAgree = false
    var signature: [UInt8] = []
    var issuerDER: [UInt8] = []
    var issuer: RelativeNames
    var thisUpdate: Int64 = 0
    var nextUpdate: Int64?
    var entries: [[UInt8]: RevocationEntry] = [:]
    var number: [UInt8]?
    var scope = RevocationListScope()
    var unhandledCritical: String?

    init(derEncoded node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let signed = nodes.next(), let algorithm = nodes.next() else {
                throw EncodingFault("a revocation list with a part missing")
            }
            let signature = try ASN1BitString(derEncoded: &nodes)
            var wire = try DER.sequence(signed, identifier: .sequence) { fields in
                try RevocationListWire(fields: &fields, outerAlgorithm: algorithm)
            }
            wire.signedBytes = Array(signed.encodedBytes)
            wire.signature = Array(signature.bytes)
            return wire
        }
    }

    private init(fields: inout ASN1NodeCollection.Iterator, outerAlgorithm: ASN1Node) throws {
        var next = fields.next()
        var version = 1
        if let node = next, node.identifier == .integer {
            version = try Int(derEncoded: node) + 1
            guard version == 2 else { throw EncodingFault("version \(version)") }
            next = fields.next()
        }
        guard let algorithm = next, let issuer = fields.next(), let thisUpdate = fields.next() else {
            throw EncodingFault("a revocation list with a field missing")
        }
        self.algorithm = try SignatureAlgorithm(derEncoded: outerAlgorithm)
        self.algorithmsAgree = algorithm.encodedBytes == outerAlgorithm.encodedBytes
        self.issuerDER = Array(issuer.encodedBytes)
        self.issuer = try RelativeNames(derEncoded: issuer)
        self.thisUpdate = try CertificateTime.unixSeconds(derEncoded: thisUpdate)
        next = fields.next()
        if let node = next, node.identifier == .utcTime || node.identifier == .generalizedTime {
            self.nextUpdate = try CertificateTime.unixSeconds(derEncoded: node)
            next = fields.next()
        }
        if let node = next, node.identifier == .sequence {
            try self.readEntries(node)
            next = fields.next()
        }
        if let node = next {
            guard version == 2 else {
                throw EncodingFault("extensions in a revocation list of version 1")
            }
            let extensions = try DER.explicitlyTagged(node, tagNumber: 0, tagClass: .contextSpecific) { $0 }
            try Self.forEachExtension(in: extensions) { try self.readExtension($0, isCritical: $1, value: $2) }
        }
    }

    private mutating func readExtension(
        _ identifier: ASN1ObjectIdentifier,
        isCritical: Bool,
        value: ArraySlice<UInt8>
    ) throws {
        switch identifier {
        case ObjectIdentifiers.crlNumber:
            self.number = try IntegerContent.bytes(derEncoded: try DER.parse(value))
            // RFC 5280 section 5.2.3: a reader that cannot number lists must be able to pass over it.
            if isCritical { self.unhandledCritical = String(describing: identifier) }
        case ObjectIdentifiers.authorityKeyIdentifier:
            _ = try AuthorityKeyIdentifierField(derEncoded: try DER.parse(value))
        case ObjectIdentifiers.issuingDistributionPoint:
            self.scope = try RevocationListScope(derEncoded: try DER.parse(value))
        default:
            if isCritical { self.unhandledCritical = String(describing: identifier) }
        }
    }

    private mutating func readEntries(_ node: ASN1Node) throws {
        guard case .constructed(let nodes) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        for node in nodes {
            let (serial, entry) = try DER.sequence(node, identifier: .sequence) { fields in
                let serial = try IntegerContent.next(&fields)
                guard let date = fields.next() else {
                    throw EncodingFault("a revocation without a date")
                }
                let reason = try fields.next().map { try self.reason(inExtensions: $0) }
                let seconds = try CertificateTime.unixSeconds(derEncoded: date)
                return (serial, RevocationEntry(date: seconds, reason: reason ?? .unspecified))
            }
            self.entries[serial] = entry
        }
    }

    private mutating func reason(inExtensions node: ASN1Node) throws -> RevocationReason {
        var reason = RevocationReason.unspecified
        var unhandled: String?
        try Self.forEachExtension(in: node) { identifier, isCritical, value in
            if identifier == ObjectIdentifiers.crlReason {
                guard case .primitive(let content) = try DER.parse(value).content, content.count == 1,
                    let known = content.first.flatMap({ RevocationReason(rawValue: Int($0)) })
                else { throw EncodingFault("an unknown revocation reason") }
                reason = known
            } else if isCritical {
                // A critical entry extension, such as certificateIssuer, changes what the whole list is about.
                unhandled = String(describing: identifier)
            }
        }
        if let unhandled { self.unhandledCritical = unhandled }
        return reason
    }

    private static func forEachExtension(
        in node: ASN1Node,
        _ body: (ASN1ObjectIdentifier, Bool, ArraySlice<UInt8>) throws -> Void
    ) throws {
        guard node.identifier == .sequence, case .constructed(let nodes) = node.content else {
            throw ASN1Error.unexpectedFieldType(node.identifier)
        }
        for node in nodes {
            let (identifier, isCritical, value) = try DER.sequence(node, identifier: .sequence) { inner in
                let identifier = try ASN1ObjectIdentifier(derEncoded: &inner)
                let isCritical: Bool = try DER.decodeDefault(&inner, defaultValue: false)
                return (identifier, isCritical, try ASN1OctetString(derEncoded: &inner).bytes)
            }
            try body(identifier, isCritical, value)
        }
    }
}
