/// The extensions that are written into certificates, requests and revocation lists (RFC 5280 sections 4.2 and 5.2).
enum ExtensionEncoding {
    /// One Extension.
    ///
    /// - Parameter body: Writes what the value's OCTET STRING holds.
    static func encode(
        _ identifier: OID,
        critical: Bool = false,
        _ body: (inout DERWriter) -> Void
    ) -> [UInt8] {
        DERWriter.sequence { entry in
            entry.objectIdentifier(identifier)
            if critical { entry.field(DERTag.boolean, content: [0xFF]) }
            entry.field(DERTag.octetString, body)
        }
    }

    /// basicConstraints of an authority, critical.
    static func authority(pathLength: Int?) -> [UInt8] {
        self.encode(.basicConstraints, critical: true) { value in
            value.sequence { fields in
                fields.field(DERTag.boolean, content: [0xFF])
                if let pathLength { fields.integer(Int64(pathLength)) }
            }
        }
    }

    /// basicConstraints of a certificate that is no authority's, critical.
    static let notAuthority = Self.encode(.basicConstraints, critical: true) { $0.sequence { _ in } }

    /// keyUsage, critical.
    static func keyUsage(_ usage: KeyUsageField) -> [UInt8] {
        self.encode(.keyUsage, critical: true) { value in
            // The bits of the value are numbered from the first bit of the first byte; trailing zeros are left out.
            let bits = (0..<16).reduce(UInt16(0)) { $0 | (usage.rawValue >> $1 & 1) << (15 - $1) }
            let bytes = bits & 0xFF == 0 ? [UInt8(bits >> 8)] : [UInt8(bits >> 8), UInt8(bits & 0xFF)]
            let unused = bytes.last.map { UInt8($0.trailingZeroBitCount) & 7 } ?? 0
            value.field(DERTag.bitString, content: [unused] + bytes)
        }
    }

    /// extKeyUsage.
    static func extendedKeyUsage(_ purposes: [OID]) -> [UInt8] {
        self.encode(.extendedKeyUsage) { value in
            value.sequence { list in
                for purpose in purposes { list.objectIdentifier(purpose) }
            }
        }
    }

    /// subjectKeyIdentifier.
    static func subjectKeyIdentifier(_ identifier: [UInt8]) -> [UInt8] {
        self.encode(.subjectKeyIdentifier) { $0.field(DERTag.octetString, content: identifier) }
    }

    /// authorityKeyIdentifier with the identifier of the issuer's key alone.
    static func authorityKeyIdentifier(_ identifier: [UInt8]) -> [UInt8] {
        self.encode(.authorityKeyIdentifier) { value in
            value.sequence { $0.field(DERTag.primitive(0), content: identifier) }
        }
    }

    /// subjectAltName.
    static func alternativeNames(_ names: [AlternativeName], critical: Bool) -> [UInt8] {
        self.encode(.subjectAlternativeName, critical: critical) { value in
            value.sequence { list in
                for name in names { list.generalName(name) }
            }
        }
    }

    /// nameConstraints with permitted subtrees, critical.
    static func nameConstraints(permitted: [AlternativeName]) -> [UInt8] {
        self.encode(.nameConstraints, critical: true) { value in
            value.sequence { constraints in
                constraints.field(DERTag.constructed(0)) { subtrees in
                    for name in permitted { subtrees.sequence { $0.generalName(name) } }
                }
            }
        }
    }

    /// cRLDistributionPoints, or freshestCRL, with one distribution point that has all the locations.
    static func distributionPoints(
        _ uris: [String],
        as identifier: OID = .crlDistributionPoints
    ) -> [UInt8] {
        self.encode(identifier) { value in
            value.sequence { points in
                points.sequence { $0.distributionPointName(uris) }
            }
        }
    }

    /// authorityInfoAccess.
    static func access(ocsp: [String], issuers: [String]) -> [UInt8] {
        self.encode(.authorityInformationAccess) { value in
            value.sequence { list in
                for (method, uris) in [(OID.ocsp, ocsp), (.caIssuers, issuers)] {
                    for uri in uris {
                        list.sequence { description in
                            description.objectIdentifier(method)
                            description.generalName(.uri(uri))
                        }
                    }
                }
            }
        }
    }
}

extension DERWriter {
    /// Writes the distributionPoint field of a DistributionPoint or an issuingDistributionPoint: its full name.
    mutating func distributionPointName(_ uris: [String]) {
        self.field(DERTag.constructed(0)) { point in
            point.field(DERTag.constructed(0)) { names in
                for uri in uris { names.generalName(.uri(uri)) }
            }
        }
    }
}
