/// Encodes the part of a revocation list that is signed (RFC 5280 section 5.1.2).
///
/// A list may have a hundred thousand entries, and is made again at each revocation, so that an entry is written into
/// the one buffer without a value of its own: its length is known before.
enum RevocationListWriter {
    /// TBSCertList, version 2.
    static func write(
        _ content: RevocationListContent,
        issuer: [UInt8],
        algorithm: [UInt8],
        authorityKeyIdentifier: [UInt8]
    ) -> [UInt8] {
        DERWriter.sequence(capacity: 1_024 + content.entries.count * self.usualEntrySize) { list in
            list.integer(1)
            list.encoded(algorithm)
            list.encoded(issuer)
            list.time(unixSeconds: content.thisUpdate)
            list.time(unixSeconds: content.nextUpdate)
            if !content.entries.isEmpty {
                list.sequence { entries in
                    for entry in content.entries { self.write(entry, to: &entries) }
                }
            }
            list.field(DERTag.constructed(0)) { tagged in
                tagged.sequence { extensions in
                    extensions.encoded(authorityKeyIdentifier)
                    for entry in self.extensions(of: content) { extensions.encoded(entry) }
                }
            }
        }
    }

    private static func write(_ entry: RevocationListContent.Entry, to list: inout DERWriter) {
        let reason = entry.reason == .unspecified ? [] : self.reasons[entry.reason] ?? []
        let time = DERWriter.sizeOfTime(unixSeconds: entry.date)
        list.byte(DERTag.sequence)
        list.length(DERWriter.size(ofContent: entry.serialNumber.count) + time + reason.count)
        list.integer(content: entry.serialNumber)
        list.time(unixSeconds: entry.date)
        list.encoded(reason)
    }

    private static func extensions(of content: RevocationListContent) -> [[UInt8]] {
        var extensions = [ExtensionEncoding.encode(.crlNumber) { $0.integer(content.number) }]
        if let base = content.baseNumber {
            // Critical: who does not know it would take the changes for the whole.
            extensions.append(
                ExtensionEncoding.encode(.deltaCRLIndicator, critical: true) { $0.integer(base) }
            )
        }
        if !content.distributionPoints.isEmpty {
            extensions.append(
                ExtensionEncoding.encode(.issuingDistributionPoint, critical: true) { value in
                    value.sequence { $0.distributionPointName(content.distributionPoints) }
                }
            )
        }
        if !content.freshestURIs.isEmpty {
            extensions.append(
                ExtensionEncoding.distributionPoints(content.freshestURIs, as: .freshestCRL)
            )
        }
        return extensions
    }

    /// The crlEntryExtensions of each reason; `unspecified` is left out as RFC 5280 section 5.3.1 asks for.
    private static let reasons: [RevocationReason: [UInt8]] = Dictionary(
        uniqueKeysWithValues: RevocationReason.allCases.map { reason in
            let encoding = DERWriter.sequence { list in
                list.encoded(
                    ExtensionEncoding.encode(.crlReason) { value in
                        value.field(DERTag.enumerated, content: [UInt8(reason.rawValue)])
                    }
                )
            }
            return (reason, encoding)
        }
    )

    /// A serial number of 20 bytes, a UTCTime and a reason.
    private static let usualEntrySize = 54
}
