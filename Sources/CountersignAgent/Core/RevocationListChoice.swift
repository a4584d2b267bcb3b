import CountersignPKI

/// Which revocation lists are in place after an offer: of each authority the newest one that is good.
///
/// An authority that was restored from a backup, one of several behind a balancer, or a cache may offer older ones than
/// are there, with which revoked certificates would count again. A list that is not offered any more stays until it ends.
struct RevocationListChoice {
    /// Why a list is not put in place; the raw value is the label of the metric.
    enum Reason: String {
        /// No authority of the bundle, nor one below it, has signed it.
        case foreign
        /// The one in place was made after it.
        case older
        case ended
        case fromFuture = "from_future"
        /// It has a critical extension that is not known here.
        case notUnderstood = "not_understood"
    }

    /// A list that is not put in place, and why, for people.
    struct Refusal {
        let reason: Reason
        let explanation: String
    }

    /// The lists, those that were offered first.
    let lists: [RevocationList]
    /// What was offered and is not among them.
    let refused: [Refusal]

    /// What tells lists apart of which one takes the place of the other.
    private struct Series: Hashable {
        let signer: [UInt8]
        let scope: RevocationListScope
    }

    /// Chooses.
    ///
    /// - Parameters:
    ///   - offered: what the authority hands out.
    ///   - kept: what is in place.
    ///   - issuers: who may sign lists.
    ///   - now: the current time.
    init(
        of offered: [RevocationList],
        over kept: [RevocationList],
        issuers: RevocationListIssuers,
        atUnixSeconds now: Int64
    ) {
        func series(_ list: RevocationList) -> Series? {
            issuers.signer(of: list).map { Series(signer: $0, scope: list.scope) }
        }
        var order: [Series] = []
        var newest: [Series: RevocationList] = [:]
        for list in kept {
            guard let series = series(list), newest[series].map(list.replaces) ?? true else { continue }
            newest[series] = list
        }
        let inPlace = newest
        var refused: [Refusal] = []
        for list in offered {
            let series = series(list)
            if let fault = Self.fault(of: list, over: series.flatMap { newest[$0] }, series != nil, now) {
                refused.append(fault)
            } else if let series {
                newest[series] = list
            }
            // One that is in place is better than none, even where what was offered instead is not good.
            if let series, newest[series] != nil, !order.contains(series) { order.append(series) }
        }
        let left = inPlace.keys.filter { !order.contains($0) && (inPlace[$0]?.nextUpdate ?? 0) >= now }
        let leftovers = left.compactMap { inPlace[$0] }.sorted { $0.issuerDER.lexicographicallyPrecedes($1.issuerDER) }
        self.lists = order.compactMap { newest[$0] } + leftovers
        self.refused = refused
    }

    private static func fault(
        of list: RevocationList,
        over kept: RevocationList?,
        _ isVouched: Bool,
        _ now: Int64
    ) -> Refusal? {
        guard isVouched else {
            return Refusal(reason: .foreign, explanation: "\(list.label) is signed by no authority of the trust bundle")
        }
        if let identifier = list.unhandledCritical {
            let text = "\(list.label) has the critical extension \(identifier), which is not understood here"
            return Refusal(reason: .notUnderstood, explanation: text)
        }
        if let fault = list.faultOfTime(now) {
            return Refusal(reason: now < list.thisUpdate ? .fromFuture : .ended, explanation: fault)
        }
        // One from the future was taken while the clocks were ahead, and would keep out all that is made until then.
        guard let kept, kept.thisUpdate <= now, kept.replaces(list) else { return nil }
        let made = CalendarTime(unixSeconds: kept.thisUpdate).rfc3339
        return Refusal(
            reason: .older,
            explanation: "\(list.label) is older than the one in place, which was made at \(made)"
        )
    }
}
