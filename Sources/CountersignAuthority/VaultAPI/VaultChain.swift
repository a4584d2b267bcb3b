import CountersignPKI

/// The certificates above one that was issued, as a client needs them to form a single chain.
struct VaultChain: Sendable {
    private let above: [[UInt8]]
    private let root: [UInt8]?

    /// The chain of a certificate that was issued.
    init(_ certificate: IssuedCertificate, _ issuer: AuthorityIssuer) {
        let above = certificate.issuersDER
        self.init(above: above.isEmpty ? [issuer.authority.certificate.der] : above, issuer)
    }

    /// The chain of the authority's own issuer.
    init(of issuer: AuthorityIssuer) {
        self.init(above: issuer.authority.loadedDER, issuer)
    }

    private init(above: [[UInt8]], _ issuer: AuthorityIssuer) {
        let certificates = above.compactMap { try? ParsedCertificate(der: $0) }
        self.above = certificates.filter { !$0.isSelfIssued }.map(\.der)
        // Of several trusted roots only the one at the end of this chain: with another there would be two chains.
        let own = certificates.first(where: \.isSelfIssued)
        self.root = own?.der ?? certificates.last.flatMap { Self.root(above: $0, issuer) }
    }

    /// The certificate that signs.
    var issuerDER: [UInt8] { above.first ?? root ?? [] }

    /// The certificate that signs and those above it.
    func issuersDER(withRoot: Bool) -> [[UInt8]] {
        above + (withRoot || above.isEmpty ? root.map { [$0] } ?? [] : [])
    }

    private static func root(above top: ParsedCertificate, _ issuer: AuthorityIssuer) -> [UInt8]? {
        let blocks = (try? PEMDocuments(parsing: issuer.trustBundlePEM).blocks) ?? []
        let wanted = top.extensions.authorityKeyIdentifier?.keyIdentifier
        return blocks.first { block in
            guard let root = try? ParsedCertificate(der: block.der) else { return false }
            guard root.subjectDER == top.issuerDER else { return false }
            return wanted.map { $0 == root.keyIdentifier } ?? true
        }?.der
    }
}
