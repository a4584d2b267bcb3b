public import CountersignIdentity

/// Whether, and with which lists, the verifier looks for revoked certificates.
///
/// With lists, the peer's own certificate must be covered by a current list that its issuer signed: without one the
/// peer is refused, because not knowing is not the same as not revoked. An intermediate authority is checked when there
/// is a list of its issuer; one that is there and cannot be used refuses the peer as well.
///
/// Lists of one trust domain say nothing of others. Where they are demanded of some domains alone, a peer of another one
/// is looked up in the lists that its own issuers have signed, and refused by those, but not because there are none.
public struct RevocationChecking: Sendable {
    /// The lists; nil when revocation is not looked at.
    package let lists: [RevocationList]?
    /// The trust domains whose peers are refused without a list.
    private let demanded: TrustDomainScope

    private init(lists: [RevocationList]?, demandedOf demanded: TrustDomainScope = .unrestricted) {
        self.lists = lists
        self.demanded = demanded
    }

    /// Revocation is not looked at.
    public static let none = RevocationChecking(lists: nil)

    /// Revocation is looked up in these lists; with none of them, every peer is refused.
    public static func lists(_ lists: [RevocationList]) -> RevocationChecking {
        RevocationChecking(lists: lists)
    }

    /// Revocation is looked up in these lists, which may be those of some trust domains alone.
    ///
    /// - Parameters:
    ///   - lists: The lists.
    ///   - trustDomains: Of which trust domains there have to be lists. A path whose authorities speak for none of them needs
    ///     none; any other path does, also one that speaks for no trust domain at all.
    public static func lists(_ lists: [RevocationList], demandedOf trustDomains: TrustDomainScope) -> RevocationChecking
    {
        RevocationChecking(lists: lists, demandedOf: trustDomains)
    }

    /// Whether revocation is looked at.
    package var isOn: Bool { self.lists != nil }

    /// Whether both look into the same lists.
    package func isInterchangeable(with other: RevocationChecking) -> Bool {
        self.lists?.map(\.der) == other.lists?.map(\.der) && self.demanded == other.demanded
    }

    /// What the lists say against a path, leaf first and the trusted authority last; nil when nothing.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - trustDomains: The trust domains that its authorities speak for.
    ///   - now: The current time in Unix seconds.
    ///   - profile: How closely lists must keep to the letter of RFC 5280.
    func fault(
        inPath path: [ParsedCertificate],
        of trustDomains: TrustDomainScope,
        at now: Int64,
        profile: VerificationProfile
    ) -> ChainRejection? {
        guard self.isOn else { return nil }
        let isDemanded = self.demanded.mayConcern(trustDomains)
        for (position, pair) in zip(path, path.dropFirst()).enumerated() {
            let (certificate, issuer) = pair
            let candidates = self.lists(about: certificate, by: issuer, isDemanded: isDemanded)
            if candidates.isEmpty, position > 0 || !isDemanded { continue }
            if let fault = Self.fault(of: certificate, by: issuer, in: candidates, at: now, profile) { return fault }
        }
        return nil
    }

    /// The moment until which the lists that a path depends on are current, in Unix seconds.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - trustDomains: The trust domains that its authorities speak for.
    func validUntil(forPath path: [ParsedCertificate], of trustDomains: TrustDomainScope) -> Int64 {
        guard self.isOn else { return .max }
        let isDemanded = self.demanded.mayConcern(trustDomains)
        return zip(path, path.dropFirst()).flatMap { certificate, issuer in
            self.lists(about: certificate, by: issuer, isDemanded: isDemanded)
        }.compactMap(\.nextUpdate).min() ?? .max
    }

    /// The lists that may tell of a certificate.
    ///
    /// Authorities of two trust domains may bear one name. Where no list is demanded, one that another authority of that name
    /// has signed is no list of this issuer's.
    private func lists(
        about certificate: ParsedCertificate,
        by issuer: ParsedCertificate,
        isDemanded: Bool
    ) -> [RevocationList] {
        (self.lists ?? []).filter { list in
            list.issuerDER == certificate.issuerDER && list.scope.covers(certificate)
                && (isDemanded || list.isSigned(by: issuer))
        }
    }

    private static func fault(
        of certificate: ParsedCertificate,
        by issuer: ParsedCertificate,
        in candidates: [RevocationList],
        at now: Int64,
        _ profile: VerificationProfile
    ) -> ChainRejection? {
        var reason = "no revocation list of the issuer of \(certificate.label) is configured that covers it"
        var usable: [RevocationList] = []
        for list in candidates {
            if let fault = list.faultOfTime(now) {
                reason = fault
            } else if let identifier = list.unhandledCritical {
                reason = "\(list.label) has the critical extension \(identifier), which is not understood here"
            } else if profile == .strict, list.number == nil {
                reason = "\(list.label) has no number"
            } else if !list.isSigned(by: issuer) {
                reason = "\(list.label) is not signed by the issuer of \(certificate.label)"
            } else {
                usable.append(list)
            }
        }
        guard !usable.isEmpty else { return ChainRejection(.revocationUnknown, reason) }
        // Of lists that cannot be told apart by age, the one that names the certificate counts.
        let newest = usable.filter { list in !usable.contains { $0.replaces(list) } }
        guard let entry = newest.lazy.compactMap({ $0.entries[certificate.serialNumber] }).first else { return nil }
        let date = CalendarTime(unixSeconds: entry.date).rfc3339
        return ChainRejection(.revoked, "\(certificate.label) was revoked at \(date): \(entry.reason.name)")
    }
}

extension TrustDomainScope {
    /// Whether a path that speaks for those trust domains can be one of these.
    fileprivate func mayConcern(_ others: TrustDomainScope) -> Bool {
        guard case .only(let own) = self, case .only(let domains) = others else { return true }
        return domains.isEmpty || !own.isDisjoint(with: domains)
    }
}
