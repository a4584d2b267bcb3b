import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouter

/// Who is meant to call: the holder of a certificate, or one who would have such an identity.
enum ExplainedCaller: Sendable {
    /// The certificates that would be sent, the caller's own first.
    case certificates([[UInt8]])
    /// What a certificate would say that the domain accepts.
    case names(subject: DistinguishedName, spiffeID: SPIFFEID?)

    /// The caller as a domain sees it.
    enum Standing: Sendable {
        /// Requests come from this caller.
        case caller(Caller)
        /// There is no connection to send requests on.
        case refused(ChainRejection)
    }

    /// What the certificate says, or would say, whoever signed it.
    var claimed: CallerIdentity? {
        switch self {
        case .names(let subject, let id): Self.identity(subject, id.map { [$0.description] } ?? [])
        case .certificates(let chain):
            chain.first.flatMap { try? ParsedCertificate(der: $0) }.map { leaf in
                Self.identity(
                    leaf.subjectName,
                    leaf.extensions.alternativeNames.compactMap { name in
                        if case .uri(let text) = name { text } else { nil }
                    }
                )
            }
        }
    }

    /// The caller as a domain sees it, by its own verifier.
    ///
    /// - Parameters:
    ///   - verifier: what the domain judges by; nil where that is not known, and the certificate is taken at its word.
    ///   - isAsked: whether a certificate is asked for at all.
    func standing(by verifier: DomainVerifier?, isAsked: Bool) -> Standing {
        guard isAsked else { return .caller(.anonymous) }
        let claim = claimed.map(Caller.verified) ?? .anonymous
        guard let verifier else { return .caller(claim) }
        switch self {
        case .certificates(let chain):
            switch verifier.verify(UnverifiedPeerChain(derCertificates: chain)) {
            case .success(let peer): return .caller(.verified(peer.identity))
            case .failure(let rejection): return .refused(rejection)
            }
        case .names(_, let id):
            if let id, !verifier.trustDomains.contains(id.trustDomain) {
                return .refused(
                    ChainRejection(
                        .foreignTrustDomain,
                        "no authority of the domain may vouch for the trust domain \(id.trustDomain.name)"
                    )
                )
            }
            return .caller(claim)
        }
    }

    private static func identity(_ subject: DistinguishedName, _ uris: [String]) -> CallerIdentity {
        CallerIdentity(subject: subject, uriNames: uris, trustDomains: .unrestricted)
    }
}
