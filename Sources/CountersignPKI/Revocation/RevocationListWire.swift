/// CertificateList and TBSCertList (RFC 5280 section 5.1).
struct RevocationListWire {
    let signedBytes: [UInt8]
    let algorithm: SignatureAlgorithm
    let algorithmsAgree: Bool
    let signature: [UInt8]
    let issuerDER: [UInt8]
    let issuer: RelativeNames
    let thisUpdate: Int64
    let nextUpdate: Int64?
    private(set) var entries: [[UInt8]: RevocationEntry] = [:]
    private(set) var number: [UInt8]?
    private(set) var scope = RevocationListScope()
    private(set) var unhandledCritical: String?

    init(_ field: DERField) throws(EncodingFault) {
        var parts = try field.fields()
        let partMissing = EncodingFault("a revocation list with a part missing")
        let signed = try parts.next(orFault: partMissing)
        let algorithm = try parts.next(orFault: partMissing)
        self.signedBytes = Array(signed.encoded)
        self.algorithm = try SignatureAlgorithm(algorithm)
        self.signature = try parts.any().signature()
        try parts.end()

        var fields = try signed.fields()
        let fieldMissing = EncodingFault("a revocation list with a field missing")
        // The number of version 2; version 1 has none.
        let version = try fields.optional(DERTag.integer)?.integer()
        guard version == nil || version == 1 else { throw EncodingFault("the version number \(version ?? 0)") }
        let inner = try fields.next(orFault: fieldMissing)
        _ = try inner.algorithm()
        self.algorithmsAgree = inner.encoded == algorithm.encoded
        let issuer = try fields.next(orFault: fieldMissing)
        self.issuerDER = Array(issuer.encoded)
        self.issuer = try RelativeNames(issuer)
        self.thisUpdate = try CertificateTime.unixSeconds(fields.next(orFault: fieldMissing))
        let nextUpdate = fields.optional(DERTag.utcTime) ?? fields.optional(DERTag.generalizedTime)
        self.nextUpdate = try nextUpdate.map { (field) throws(EncodingFault) in
            try CertificateTime.unixSeconds(field)
        }
        let entries = fields.optional(DERTag.sequence)
        let extensions = fields.optional(DERTag.constructed(0))
        try fields.end()
        if let entries { try self.readEntries(entries) }
        guard let extensions else { return }
        guard version == 1 else { throw EncodingFault("extensions in a revocation list of version 1") }
        var list = try extensions.onlyField().fields()
        for (identifier, isCritical, value) in try list.certificateExtensions() {
            try self.read(identifier, isCritical: isCritical, value)
        }
    }

    private mutating func read(_ identifier: OID, isCritical: Bool, _ value: DERField) throws(EncodingFault) {
        switch identifier {
        case .crlNumber:
            let number = Array(try value.fieldInContent().integerContent())
            guard number.count <= SerialNumber.maximumSize else {
                throw EncodingFault("a list number of more than \(SerialNumber.maximumSize) bytes")
            }
            self.number = number
            // RFC 5280 section 5.2.3: a reader that cannot number lists must be able to pass over it.
            if isCritical { self.unhandledCritical = identifier.description }
        case .authorityKeyIdentifier:
            _ = try AuthorityKeyIdentifierField(value.fieldInContent())
        case .issuingDistributionPoint:
            self.scope = try RevocationListScope(value.fieldInContent())
        default:
            if isCritical { self.unhandledCritical = identifier.description }
        }
    }

    private mutating func readEntries(_ list: DERField) throws(EncodingFault) {
        for entry in try list.fields() {
            var fields = try entry.fields()
            let serial = Array(try fields.any().integerContent())
            let date = try fields.next(orFault: EncodingFault("a revocation without a date"))
            let extensions = fields.next()
            try fields.end()
            self.entries[serial] = RevocationEntry(
                date: try CertificateTime.unixSeconds(date),
                reason: try self.reason(inExtensions: extensions)
            )
        }
    }

    private mutating func reason(inExtensions list: DERField?) throws(EncodingFault) -> RevocationReason {
        var reason = RevocationReason.unspecified
        guard var fields = try list?.fields() else { return reason }
        // RFC 5280 has four, and each of a large list's entries is looked through.
        for (identifier, isCritical, value) in try fields.certificateExtensions(upTo: 16) {
            if identifier == .crlReason {
                let content = try value.fieldInContent().bytes(DERTag.enumerated)
                guard content.count == 1, let known = content.first.flatMap({ RevocationReason(rawValue: Int($0)) })
                else { throw EncodingFault("an unknown revocation reason") }
                reason = known
            } else if isCritical {
                // A critical entry extension, such as certificateIssuer, changes what the whole list is about.
                self.unhandledCritical = identifier.description
            }
        }
        return reason
    }
}
