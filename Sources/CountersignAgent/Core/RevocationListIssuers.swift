import CountersignPKI

/// Who may sign revocation lists: the authorities of the trust bundle, and those below them.
struct RevocationListIssuers: Sendable {
    private var authorities: [ParsedCertificate]

    /// Takes the authorities for which the bundle vouches.
    ///
    /// - Parameters:
    ///   - anchors: the authorities of the bundle, in DER.
    ///   - intermediates: others, in any order; one that no authority of the bundle has signed, itself or by others, does
    ///     not count.
    init(anchors: [[UInt8]], intermediates: [ParsedCertificate]) {
        authorities = anchors.compactMap { try? ParsedCertificate(der: $0) }
        var known = Set(authorities.map(\.der))
        var rest = intermediates.filter { $0.isAuthority && known.insert($0.der).inserted }
        while let index = rest.firstIndex(where: { isVouched($0) }) { authorities.append(rest.remove(at: index)) }
    }

    /// The public key that has signed a list, as encoded; nil when it is nobody's of these.
    func signer(of list: RevocationList) -> [UInt8]? {
        authorities.first { list.isSigned(by: $0) }?.publicKey.derEncoded
    }

    private func isVouched(_ certificate: ParsedCertificate) -> Bool {
        authorities.contains { $0.subjectDER == certificate.issuerDER && certificate.isSigned(by: $0) }
    }
}
