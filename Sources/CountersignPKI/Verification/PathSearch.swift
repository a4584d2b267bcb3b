/// The search for a path from a peer's certificate to a trusted authority (RFC 4158), depth first, in bounded work.
///
/// Names are compared byte for byte. A path is put together from the leaf upward by names and rules alone, and only when
/// it has reached a trusted authority are its signatures checked, from that authority downward. So no signature is ever
/// checked with a key that nobody trusted vouches for: a peer chooses neither the keys nor, beyond the number of
/// certificates that it may send, how many checks there are.
struct PathSearch {
    private let trust: TrustStore
    private let intermediates: [ParsedCertificate]
    private let rules: CertificateRules
    private let maximumDepth: Int
    private let revocation: RevocationChecking
    private let known: [KnownIssuer]
    /// How many signatures were checked.
    private(set) var checkedSignatures = 0
    /// How many signatures counted, the known ones among them: what others sent before changes no verdict.
    private var countedSignatures = 0
    private var verdicts: [Link: Bool] = [:]
    private var remainingSteps = Self.maximumSteps
    private var rejection: (rank: Int, value: ChainRejection)?

    /// The most signatures that are checked for one peer: a path of the greatest length, and a few that lead nowhere.
    static let maximumSignatures = 16

    /// The most steps that are tried for one peer.
    static let maximumSteps = 128

    init(
        trust: TrustStore,
        intermediates: [ParsedCertificate],
        rules: CertificateRules,
        maximumDepth: Int,
        revocation: RevocationChecking,
        known: [KnownIssuer] = []
    ) {
        self.trust = trust
        self.intermediates = intermediates
        self.rules = rules
        self.maximumDepth = maximumDepth
        self.revocation = revocation
        self.known = known
    }

    /// Finds a path, leaf first and the trusted authority last, that breaks no rule; or says why there is none.
    mutating func path(from leaf: ParsedCertificate) -> Result<[ParsedCertificate], ChainRejection> {
        if let path = self.extend([leaf]) { return .success(path) }
        if let rejection = self.rejection { return .failure(rejection.value) }
        if leaf.isSelfIssued {
            return .failure(
                ChainRejection(.selfSigned, "\(leaf.label) vouches for itself and no trusted authority issued it")
            )
        }
        let issuer = leaf.issuer.text
        return .failure(
            ChainRejection(
                .unknownIssuer,
                "the issuer '\(issuer)' of \(leaf.label) is not trusted here, and no certificates that the peer sent "
                    + "lead from it to a trusted authority"
            )
        )
    }

    /// How much a reason tells: the one of the most promising path is reported.
    private enum Rank {
        static let candidate = 1
        static let authority = 2
        static let completePath = 3
    }

    private mutating func extend(_ path: [ParsedCertificate]) -> [ParsedCertificate]? {
        guard let tip = path.last else { return nil }
        for anchor in Self.ordered(self.trust.anchors(withSubject: tip.issuerDER), for: tip) {
            if let complete = self.finish(path, with: anchor) { return complete }
        }
        // A self-issued authority, as made when a key is rolled over, counts neither here nor for path lengths.
        guard path.dropFirst().count(where: { !$0.isSelfIssued }) < self.maximumDepth else {
            if self.intermediates.contains(where: { $0.subjectDER == tip.issuerDER }) {
                self.note(
                    Rank.candidate,
                    .pathLengthExceeded,
                    "the path goes through more than \(self.maximumDepth) intermediate authorities"
                )
            }
            return nil
        }
        let candidates = self.intermediates.filter { $0.subjectDER == tip.issuerDER }
        for candidate in Self.ordered(candidates, for: tip) {
            // The same name with the same key again would only be a longer way to where the path already is.
            let isRepeat = path.contains {
                $0.subjectDER == candidate.subjectDER && $0.publicKey.derEncoded == candidate.publicKey.derEncoded
            }
            if isRepeat { continue }
            guard self.vouches(candidate, for: path, isAnchor: false) else { continue }
            if let complete = self.extend(path + [candidate]) { return complete }
        }
        return nil
    }

    /// Closes the path with a trusted authority, checks its signatures and applies the rules for whole paths.
    private mutating func finish(_ path: [ParsedCertificate], with anchor: ParsedCertificate) -> [ParsedCertificate]? {
        guard self.vouches(anchor, for: path, isAnchor: true) else { return nil }
        let complete = path + [anchor]
        guard self.isSigned(complete) else { return nil }
        var constraints = NameConstraintRules()
        if let fault = constraints.fault(inPath: complete) {
            self.note(Rank.completePath, fault)
            return nil
        }
        let scope = AuthorityTrustDomains.scope(of: complete, in: self.trust)
        let (now, profile) = (self.rules.now, self.rules.profile)
        if let fault = self.revocation.fault(inPath: complete, of: scope, at: now, profile: profile) {
            self.note(Rank.completePath, fault)
            return nil
        }
        return complete
    }

    /// Whether the issuer may have issued the last certificate of the path, as far as names and rules tell.
    private mutating func vouches(
        _ issuer: ParsedCertificate,
        for path: [ParsedCertificate],
        isAnchor: Bool
    ) -> Bool {
        guard let tip = path.last else { return false }
        let rank = isAnchor ? Rank.authority : Rank.candidate
        self.remainingSteps -= 1
        guard self.remainingSteps >= 0 else {
            self.note(rank, .tooComplex, "the certificates allow too many paths to try")
            return false
        }
        let issuersBelow = path.dropFirst().count { !$0.isSelfIssued }
        if let fault = self.rules.faultOfIssuer(issuer, issuersBelow: issuersBelow, isAnchor: isAnchor) {
            self.note(rank, fault)
            return false
        }
        return self.verdicts[Link(tip, issuer)] ?? true
    }

    /// Whether every certificate of a complete path is signed by the one above it, looked at from the top.
    private mutating func isSigned(_ path: [ParsedCertificate]) -> Bool {
        for (certificate, issuer) in zip(path, path.dropFirst()).reversed() {
            let link = Link(certificate, issuer)
            if let known = self.verdicts[link] {
                guard known else { return false }
                continue
            }
            let rank = issuer === path.last ? Rank.authority : Rank.candidate
            guard self.countedSignatures < Self.maximumSignatures else {
                self.note(rank, .tooComplex, "the certificates allow too many paths to try")
                return false
            }
            self.countedSignatures += 1
            let isKnown = self.known.vouch(for: certificate, by: issuer)
            if !isKnown { self.checkedSignatures += 1 }
            let isSigned = isKnown || certificate.isSigned(by: issuer)
            self.verdicts[link] = isSigned
            guard isSigned else {
                // Another authority of the same name, by the key identifiers: not the one that signed.
                if !Self.identifiersDiffer(certificate, issuer) {
                    self.note(
                        rank,
                        .badSignature,
                        "the signature on \(certificate.label) is not by the key of \(issuer.label)"
                    )
                }
                return false
            }
        }
        return true
    }

    /// A certificate and the one that is said to have issued it.
    private struct Link: Hashable {
        private let certificate: ObjectIdentifier
        private let issuer: ObjectIdentifier

        init(_ certificate: ParsedCertificate, _ issuer: ParsedCertificate) {
            self.certificate = ObjectIdentifier(certificate)
            self.issuer = ObjectIdentifier(issuer)
        }
    }

    private mutating func note(_ rank: Int, _ code: ChainRejection.Code, _ explanation: String) {
        guard rank > self.rejection?.rank ?? 0 else { return }
        self.rejection = (rank, ChainRejection(code, explanation))
    }

    private mutating func note(_ rank: Int, _ rejection: ChainRejection) {
        guard rank > self.rejection?.rank ?? 0 else { return }
        self.rejection = (rank, rejection)
    }

    /// Those whose key identifier is the one that the certificate names come first.
    private static func ordered(_ issuers: [ParsedCertificate], for tip: ParsedCertificate) -> [ParsedCertificate] {
        guard issuers.count > 1 else { return issuers }
        return issuers.filter { !self.identifiersDiffer(tip, $0) } + issuers.filter { self.identifiersDiffer(tip, $0) }
    }

    private static func identifiersDiffer(_ certificate: ParsedCertificate, _ issuer: ParsedCertificate) -> Bool {
        guard let wanted = certificate.extensions.authorityKeyIdentifier?.keyIdentifier,
            let offered = issuer.extensions.subjectKeyIdentifier
        else { return false }
        return wanted != offered
    }
}
