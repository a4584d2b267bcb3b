public import CountersignIdentity

/// A peer whose certificate chain was verified: the proof is that only ``ChainVerifier`` can make one.
public final class VerifiedPeer: Sendable {
    /// The peer's own certificate.
    public let leafDER: [UInt8]
    /// The intermediate authorities of the verified path, from the leaf's issuer upward, without the trusted one.
    public let issuersDER: [[UInt8]]
    /// The SHA-256 digest of the leaf.
    public let sha256: [UInt8]
    /// The SHA-256 digest of the leaf in lower-case hexadecimal.
    public let sha256Hex: String
    /// Who the leaf says the peer is.
    public let identity: CallerIdentity
    /// The leaf's subject in the form of RFC 2253, ASCII only.
    public let subjectRFC2253: String
    /// The leaf's issuer in the form of RFC 2253, ASCII only.
    public let issuerRFC2253: String
    /// The leaf's serial number in decimal digits.
    public let serialDecimal: String
    /// The leaf's serial number in lower-case hexadecimal, two digits for every byte.
    public let serialHex: String
    /// The first second at which the leaf is valid, in Unix seconds.
    public let notBefore: Int64
    /// The last second at which the leaf is valid, in Unix seconds.
    public let notAfter: Int64
    /// The first second at which every certificate of the path is valid, in Unix seconds.
    public let validFrom: Int64
    /// The last second at which every certificate of the path is valid, in Unix seconds.
    public let validUntil: Int64
    /// The last second for which the verification holds: ``validUntil``, or earlier when a revocation list that it
    /// relied upon is due to be replaced before.
    public let verifiedUntil: Int64
    /// The leaf's URI names, in order.
    public let uriNames: [String]
    /// The leaf's DNS names, in order.
    public let dnsNames: [String]
    /// The leaf's email names, in order.
    public let emailNames: [String]
    /// The leaf's IP addresses as text, in order.
    public let ipNames: [String]
    /// The ``TrustStore/epoch`` of the store that vouches for the peer.
    public let trustEpoch: UInt64
    /// What the certificate was verified for.
    public let purpose: VerificationPurpose
    /// What the certificates of the verified path, the trusted one included, are revoked by.
    package let revocationKeys: PathRevocationKeys

    /// About how many bytes it keeps: names and texts are made from the leaf and take about as much again.
    package var estimatedSize: Int {
        self.leafDER.count * 2 + self.issuersDER.reduce(0) { $0 + $1.count } + 1_024
    }

    /// Takes a path that was judged good, leaf first and the trusted authority last.
    fileprivate init(path: [ParsedCertificate], trustDomains: TrustDomainScope, verifier: ChainVerifier) {
        let leaf = path[0]
        let names = PeerNames(leaf.extensions.alternativeNames)
        self.leafDER = leaf.der
        self.issuersDER = path.dropFirst().dropLast().map(\.der)
        let digest = leaf.sha256
        self.sha256 = digest
        self.sha256Hex = Hexadecimal.text(of: digest)
        let subject = leaf.subjectName
        self.identity = CallerIdentity(subject: subject, uriNames: names.uris, trustDomains: trustDomains)
        self.subjectRFC2253 = subject.rendered(.rfc2253)
        self.issuerRFC2253 = leaf.issuerName.rendered(.rfc2253)
        self.serialDecimal = SerialNumber(leaf.serialNumber).decimal
        self.serialHex = SerialNumber(leaf.serialNumber).hexadecimal
        self.notBefore = leaf.notBefore
        self.notAfter = leaf.notAfter
        self.validFrom = path.map(\.notBefore).max() ?? leaf.notBefore
        let validUntil = path.map(\.notAfter).min() ?? leaf.notAfter
        self.validUntil = validUntil
        self.verifiedUntil = Swift.min(validUntil, verifier.revocation.validUntil(forPath: path, of: trustDomains))
        self.uriNames = names.uris
        self.dnsNames = names.dns
        self.emailNames = names.emails
        self.ipNames = names.addresses
        self.trustEpoch = verifier.trust.epoch
        self.purpose = verifier.purpose
        self.revocationKeys = PathRevocationKeys(path: path)
    }
}

extension ChainVerifier {
    /// Judges what a peer sent.
    ///
    /// Tries paths through the peer's intermediates in any order until one leads to a trusted authority and breaks no
    /// rule. The work is bounded whatever the peer sends.
    ///
    /// - Parameters:
    ///   - chain: What the peer sent, leaf first.
    ///   - atUnixSeconds: The current time.
    /// - Returns: The verified peer, or the most telling reason against it.
    public func verify(
        _ chain: UnverifiedPeerChain,
        atUnixSeconds: Int64
    ) -> Result<VerifiedPeer, ChainRejection> {
        self.judge(chain, atUnixSeconds: atUnixSeconds, remembering: nil).verdict
    }

    /// The same, with what earlier peers showed of the authorities between them and the trusted ones.
    ///
    /// - Returns: The verdict, and how many signatures were checked for it.
    func judge(
        _ chain: UnverifiedPeerChain,
        atUnixSeconds: Int64,
        remembering memory: KnownIssuers?
    ) -> (verdict: Result<VerifiedPeer, ChainRejection>, checkedSignatures: Int) {
        switch self.parse(chain, memory) {
        case .failure(let fault): (.failure(fault), 0)
        case .success(let parsed): self.judge(parsed, atUnixSeconds: atUnixSeconds, remembering: memory)
        }
    }

    /// What a peer sent, taken apart.
    private struct ParsedChain {
        let leaf: ParsedCertificate
        var intermediates: [ParsedCertificate] = []
        /// What was known of the intermediates.
        var known: [KnownIssuer] = []
    }

    /// Each certificate once, and not the leaf again.
    private func parse(
        _ chain: UnverifiedPeerChain,
        _ memory: KnownIssuers?
    ) -> Result<ParsedChain, ChainRejection> {
        guard let leafDER = chain.leafDER else {
            return .failure(ChainRejection(.noCertificate, "the peer sent no certificate"))
        }
        guard chain.certificates.count <= UnverifiedPeerChain.maximumCertificates else {
            return .failure(
                ChainRejection(
                    .tooManyCertificates,
                    "the peer sent more than \(UnverifiedPeerChain.maximumCertificates) certificates"
                )
            )
        }
        do {
            var parsed = ParsedChain(leaf: try ParsedCertificate(der: leafDER))
            // There are a handful at most, which to compare costs less than to hash.
            for encoding in chain.certificates.dropFirst() where encoding != leafDER {
                if parsed.intermediates.contains(where: { $0.der == encoding }) { continue }
                if let known = memory?[encoding] {
                    parsed.known.append(known)
                    parsed.intermediates.append(known.certificate)
                } else {
                    parsed.intermediates.append(try ParsedCertificate(der: encoding))
                }
            }
            return .success(parsed)
        } catch {
            return .failure(ChainRejection(.malformed, error.message))
        }
    }

    private func judge(
        _ chain: ParsedChain,
        atUnixSeconds: Int64,
        remembering memory: KnownIssuers?
    ) -> (verdict: Result<VerifiedPeer, ChainRejection>, checkedSignatures: Int) {
        let rules = CertificateRules(purpose: self.purpose, profile: self.profile, now: atUnixSeconds)
        if let fault = rules.faultOfLeaf(chain.leaf) { return (.failure(fault), 0) }
        var search = PathSearch(
            trust: self.trust,
            intermediates: chain.intermediates,
            rules: rules,
            maximumDepth: self.maxDepth,
            revocation: self.revocation,
            known: chain.known
        )
        let verdict = search.path(from: chain.leaf).flatMap { path -> Result<VerifiedPeer, ChainRejection> in
            let scope = AuthorityTrustDomains.scope(of: path, in: self.trust)
            if let fault = AuthorityTrustDomains.fault(of: chain.leaf, within: scope) { return .failure(fault) }
            memory?.remember(path: path, besides: chain.known)
            return .success(VerifiedPeer(path: path, trustDomains: scope, verifier: self))
        }
        return (verdict, search.checkedSignatures)
    }
}
