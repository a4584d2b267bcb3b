public import CountersignIdentity

/// The name that a verified peer's certificate must carry, such as the server that was meant to be called.
///
/// Only alternative names count; a common name is never taken for a host (RFC 9525 section 2).
public enum PeerNameRequirement: Sendable, Hashable {
    /// A DNS name; `*` in the certificate stands for exactly one whole label at the beginning (RFC 9525 section 6.3).
    case dns(HostName)
    /// An IP address, which only an address in the certificate matches.
    case address(IPAddress)
    /// An email address: the part before the `@` as it is, the host in any case.
    case email(String)
    /// A SPIFFE ID: the peer's identity must be this one, byte for byte.
    case spiffe(SPIFFEID)
    /// Any SPIFFE ID of that trust domain.
    case trustDomain(TrustDomain)

    /// Judges a verified peer; nil when it carries the name.
    public func fault(of peer: VerifiedPeer) -> ChainRejection? {
        switch self {
        case .dns(let name):
            let matches = peer.dnsNames.contains { Self.matches(name, presented: $0) }
            return matches ? nil : self.mismatch("DNS name '\(name)'", peer, presented: peer.dnsNames)
        case .address(let address):
            let matches = peer.ipNames.contains(address.description)
            return matches ? nil : self.mismatch("IP address \(address)", peer, presented: peer.ipNames)
        case .email(let mailbox):
            let matches = peer.emailNames.contains { Self.matches(mailbox: mailbox, presented: $0) }
            return matches
                ? nil
                : self.mismatch(
                    "email address '\(PrintableText.escaped(mailbox))'",
                    peer,
                    presented: peer.emailNames
                )
        case .spiffe(let id):
            return self.spiffeFault(peer, wanted: "\(id)") { $0 == id }
        case .trustDomain(let domain):
            return self.spiffeFault(peer, wanted: "an ID of the trust domain \(domain)") { $0.trustDomain == domain }
        }
    }

    private func spiffeFault(
        _ peer: VerifiedPeer,
        wanted: String,
        matches: (SPIFFEID) -> Bool
    ) -> ChainRejection? {
        guard let id = peer.identity.spiffeID else {
            let reason = peer.identity.ambiguity?.explanation ?? "certificate has no SPIFFE ID"
            return ChainRejection(.invalidSPIFFE, "the \(reason); \(wanted) is needed")
        }
        return matches(id) ? nil : ChainRejection(.nameMismatch, "the peer is \(id); \(wanted) is needed")
    }

    private func mismatch(_ wanted: String, _ peer: VerifiedPeer, presented: [String]) -> ChainRejection {
        let shown = presented.prefix(8).joined(separator: ", ")
        return ChainRejection(
            .nameMismatch,
            "the certificate '\(peer.shortName)' is not for the \(wanted); it has "
                + (presented.isEmpty ? "no name of that kind" : shown)
        )
    }

    private static func matches(_ name: HostName, presented: String) -> Bool {
        guard name.kind == .name, presented.utf8.last != UInt8(ascii: "."),
            let pattern = try? HostPattern(parsing: presented)
        else { return false }
        return pattern.matches(name)
    }

    private static func matches(mailbox: String, presented: String) -> Bool {
        guard let wanted = self.split(mailbox), let offered = self.split(presented) else { return false }
        return wanted.local.utf8.elementsEqual(offered.local.utf8)
            && wanted.host.lowercased().utf8.elementsEqual(offered.host.lowercased().utf8)
    }

    private static func split(_ mailbox: String) -> (local: Substring, host: Substring)? {
        let parts = mailbox.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        return (parts[0], parts[1])
    }
}
