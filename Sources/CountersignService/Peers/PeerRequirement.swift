public import CountersignIdentity
public import CountersignPKI

/// Who a peer has to be, besides that the trust bundle vouches for its certificate.
public struct PeerRequirement: Sendable, Hashable {
    private enum Kind: Hashable {
        case anyone
        case spiffe([SPIFFEIDPattern])
        case name(PeerNameRequirement)
    }

    private let kind: Kind

    /// Whoever the trust bundle vouches for: what a server asks of its callers before it looks at who they are.
    ///
    /// A certificate that can be understood in several ways, such as one with two SPIFFE IDs, is nobody's.
    public static let anyone = PeerRequirement(kind: .anyone)

    /// One of these SPIFFE IDs.
    ///
    /// - Parameter ids: the IDs; with none, nobody fits.
    public static func spiffeIDs(_ ids: [SPIFFEIDPattern]) -> PeerRequirement { PeerRequirement(kind: .spiffe(ids)) }

    /// One of these SPIFFE IDs, which may have wildcards.
    ///
    /// - Parameter texts: the IDs, such as `spiffe://prod.example/ns/shop/sa/orders` or `spiffe://prod.example/ns/shop/*`.
    /// - Throws: `IdentityError` that says what is wrong with one.
    public static func spiffeIDs(parsing texts: String...) throws(IdentityError) -> PeerRequirement {
        var patterns: [SPIFFEIDPattern] = []
        for text in texts { patterns.append(try SPIFFEIDPattern(parsing: text)) }
        return PeerRequirement(kind: .spiffe(patterns))
    }

    /// A host name or IP address of the certificate's alternative names.
    ///
    /// - Parameter host: the name or address, as it is in a URL.
    /// - Throws: `IdentityError` when it is neither.
    public static func host(_ host: String) throws(IdentityError) -> PeerRequirement {
        let inner = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if let address = try? IPAddress(parsing: inner) { return PeerRequirement(kind: .name(.address(address))) }
        return PeerRequirement(kind: .name(.dns(try HostName(parsing: host))))
    }

    /// Judges a verified peer; nil when it is who it has to be.
    ///
    /// - Parameter peer: the peer.
    public func fault(of peer: VerifiedPeer) -> ChainRejection? {
        switch kind {
        case .anyone:
            return peer.identity.ambiguity.map { ambiguity in
                ChainRejection(.invalidSPIFFE, "the \(ambiguity.explanation), so that it says of nobody who it is")
            }
        case .name(let name): return name.fault(of: peer)
        case .spiffe(let patterns):
            guard let id = peer.identity.spiffeID else {
                let reason = peer.identity.ambiguity?.explanation ?? "certificate has no SPIFFE ID"
                return ChainRejection(.invalidSPIFFE, "the \(reason); one of \(patterns.count) is needed")
            }
            if patterns.contains(where: { $0.matches(id) }) { return nil }
            let wanted = patterns.prefix(8).map(\.description).joined(separator: ", ")
            return ChainRejection(.nameMismatch, "the peer is \(id); expected \(wanted.isEmpty ? "nobody" : wanted)")
        }
    }
}
