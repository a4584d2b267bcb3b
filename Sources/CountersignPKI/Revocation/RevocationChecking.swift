/// Whether, and with which lists, the verifier looks for revoked certificates.
///
/// With lists, the peer's own certificate must be covered by a current list that its issuer signed: without one the
/// peer is refused, because not knowing is not the same as not revoked. An intermediate authority is checked when there
/// is a list of its issuer; one that is there and cannot be used refuses the peer as well.
public struct RevocationChecking: Sendable {
    /// The lists; nil when revocation is not looked at.
    package let lists: [RevocationList]?

    private init(lists: [RevocationList]?) {
        self.lists = lists
    }

    /// Revocation is not looked at.
    public static let none = RevocationChecking(lists: nil)

    /// Revocation is looked up in these lists; with none of them, every peer is refused.
    public static func lists(_ lists: [RevocationList]) -> RevocationChecking {
        RevocationChecking(lists: lists)
    }

    /// Whether both look into the same lists.
    package func isInterchangeable(with other: RevocationChecking) -> Bool {
        self.lists?.map(\.der) == other.lists?.map(\.der)
    }

    /// What the lists say against a path, leaf first and the trusted authority last; nil when nothing.
    func fault(
        inPath path: [ParsedCertificate],
        at now: Int64,
        profile: VerificationProfile
    ) -> ChainRejection? {
        guard let lists = self.lists else { return nil }
        for (position, pair) in zip(path, path.dropFirst()).enumerated() {
            let (certificate, issuer) = pair
            let candidates = lists.filter { $0.issuerDER == certificate.issuerDER && $0.scope.covers(certificate) }
            if candidates.isEmpty, position > 0 { continue }
            if let fault = Self.fault(of: certificate, by: issuer, in: candidates, at: now, profile) { return fault }
        }
        return nil
    }

    /// The moment until which the lists that a path depends on are current, in Unix seconds.
    func validUntil(forPath path: [ParsedCertificate]) -> Int64 {
        let issuers = Set(path.dropLast().map(\.issuerDER))
        return (self.lists ?? []).filter { issuers.contains($0.issuerDER) }.compactMap(\.nextUpdate).min() ?? .max
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
