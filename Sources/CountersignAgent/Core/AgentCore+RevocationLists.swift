import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import Logging

extension AgentCore {
    /// How far the fetching of revocation lists has come.
    struct RevocationListState {
        var isFetching = false
        var failures = 0
        /// When they are fetched next, in Unix milliseconds.
        var nextAt = Int64.min
        /// What has been told and has to be on the lists that come.
        var awaited: [RevokedSerial] = []
        /// How often the lists have come without it.
        var misses = 0
        var problem: String?
        /// Lists of a former process that authorities of the bundle have signed; nil before they were looked at.
        var inherited: [RevocationList]?
        /// The lists that were put into the directory.
        var lists: [RevocationList] = []
        /// Authorities without a list that were told of.
        var uncovered: [String] = []
    }

    /// When the lists are to be fetched, in Unix milliseconds; not before there is a bundle to verify them by.
    var nextRevocationListFetch: Int64 {
        let isPossible = settings.keepsRevocationLists && !lists.isFetching && !trust.bundleAuthorities.isEmpty
        return isPossible ? lists.nextAt : .max
    }

    /// The lists for workloads: those that were taken last or, until some were, those that a former process has left, as the
    /// authority may be away.
    ///
    /// Of those that were left, the ones that have ended count as well: whoever looks at them knows then that nothing is known.
    func revocationListsInForce() -> [RevocationList] {
        guard settings.keepsRevocationLists, lists.lists.isEmpty, trust.bundle != nil else { return lists.lists }
        if let inherited = lists.inherited { return inherited }
        let issuers = revocationListIssuers(with: [])
        let inherited = keptRevocationLists.filter { issuers.signer(of: $0) != nil }
        lists.inherited = inherited
        return inherited
    }

    /// Why a certificate is on a list in force; nil when it is on none.
    func listedReason(of held: HeldIdentity) -> RevocationReason? {
        revocationListsInForce().lazy
            .filter { $0.issuerDER == held.leaf.issuerDER }
            .compactMap { $0.entries[held.leaf.serialNumber]?.reason }
            .first
    }

    /// Fetches the lists when their time has come.
    func fetchRevocationListsIfDue(at now: Int64) {
        guard nextRevocationListFetch <= now, canCall else { return }
        lists.isFetching = true
        lists.nextAt = .max
        let known = revocationListIssuers(with: [])
        worker.run(.authority) { [client] in
            do throws(AuthorityCallError) {
                return .revocationLists(.success(try OfferedRevocationLists.fetch(from: client, beside: known)))
            } catch {
                return .revocationLists(.failure(error))
            }
        }
    }

    /// Has the lists fetched on which what was told has to be.
    func wantRevocationLists(for news: RevocationNews) {
        guard settings.keepsRevocationLists else { return }
        switch news {
        case .change(let entry): lists.awaited = lists.awaited.suffix(Self.maximumAwaited - 1) + [entry]
        case .all: lists.awaited = []
        }
        lists.misses = 0
        lists.nextAt = .min
    }

    /// Takes what came of fetching the lists.
    func takeRevocationLists(_ result: Result<OfferedRevocationLists?, AuthorityCallError>, at now: Int64) {
        lists.isFetching = false
        do {
            let refused = try result.get().map { try replaceRevocationLists($0, at: now) }
            tellRefused(refused ?? [])
            lists.failures = lists.problem == nil ? 0 : lists.failures + 1
            if refused?.isEmpty ?? false { surroundings.metrics.revocationListsAge.set(now * 1_000_000) }
            scheduleLists(at: now)
            if lists.problem != nil { lists.nextAt = min(lists.nextAt, now + listPause) }
        } catch {
            lists.failures += 1
            lists.problem = "\(error)"
            lists.nextAt = min(lists.nextAt, now + listPause)
            surroundings.logger.warning("revocation lists not refreshed", metadata: ["reason": .string("\(error)")])
        }
    }

    /// How long to wait after as many failures as there have been.
    private var listPause: Int64 {
        settings.backoff.pause(afterFailures: lists.failures, remaining: 86_400_000, jitter: listJitter)
    }

    /// Puts in place what is good of an offer, and answers what is not.
    ///
    /// - Throws: `SystemError` when the lists cannot be written.
    private func replaceRevocationLists(
        _ offer: OfferedRevocationLists,
        at now: Int64
    ) throws -> [RevocationListChoice.Refusal] {
        let choice = RevocationListChoice(
            of: offer.lists,
            over: keptRevocationLists,
            issuers: revocationListIssuers(with: offer.intermediates),
            atUnixSeconds: now / 1000
        )
        lists.awaited = lists.awaited.filter { !Self.isTold($0, choice.lists) }
        lists.lists = choice.lists
        tellUncovered()
        try writeRevocationLists()
        return choice.refused
    }

    /// Counts lists that are not put in place, and tells of them when others are refused than before.
    private func tellRefused(_ refused: [RevocationListChoice.Refusal]) {
        for refusal in refused { surroundings.metrics.refusedRevocationLists.child(refusal.reason.rawValue).add() }
        let texts = refused.map(\.explanation).joined(separator: "; ")
        let problem = refused.isEmpty ? nil : "the authority's revocation lists are not all good: \(texts)"
        defer { lists.problem = problem }
        guard let problem, problem != lists.problem else { return }
        surroundings.logger.warning("revocation lists refused", metadata: ["reason": .string(problem)])
    }

    private func writeRevocationLists() throws {
        let pem = Array(lists.lists.map { PEMBlock.text(label: "X509 CRL", der: $0.der) }.joined().utf8)
        guard !pem.isEmpty, directory.revocationLists() != pem else { return }
        try directory.writeRevocationLists(pem)
        surroundings.logger.info(
            "revocation lists replaced",
            metadata: ["lists": .stringConvertible(lists.lists.count), "bytes": .stringConvertible(pem.count)]
        )
        for identity in services where identity.held != nil && identity.reload.followsRevocationLists {
            wantReload(of: identity)
        }
    }

    /// The lists in place: those that were taken last, or those that a former process has left.
    private var keptRevocationLists: [RevocationList] {
        guard lists.lists.isEmpty else { return lists.lists }
        return directory.revocationLists().flatMap { try? RevocationList.lists(pem: $0) } ?? []
    }

    /// Who may sign lists: authorities of the bundle, and those below them that are in chains of the agent's own or given.
    private func revocationListIssuers(with others: [ParsedCertificate]) -> RevocationListIssuers {
        let held = ([own] + services).compactMap(\.held).flatMap { $0.chainDER.dropFirst() }
        return RevocationListIssuers(
            anchors: trust.bundleAuthorities,
            intermediates: others + held.compactMap { try? ParsedCertificate(der: $0) }
        )
    }

    /// A revocation is told before the list with it is signed: soon again, then in time for the next list.
    private func scheduleLists(at now: Int64) {
        guard lists.nextAt > now else { return }
        lists.misses += 1
        if !lists.awaited.isEmpty, lists.misses <= Self.maximumMisses {
            lists.nextAt = now + Self.missPause * Int64(lists.misses)
            return
        }
        lists.awaited = []
        let spread = Double(settings.bundleInterval) * 0.1 * listJitter.fraction(UInt64(bitPattern: now))
        // Half of what is left of the list that ends first, so that one failure is no outage.
        let end = lists.lists.compactMap(\.nextUpdate).map { $0 * 1000 }.filter { $0 > now }.min() ?? .max
        let half = end == .max ? Int64.max : now + max((end - now) / 2, 1_000)
        lists.nextAt = min(now + settings.bundleInterval - Int64(spread), half)
    }

    /// Says which authority of a service's chain has no list: programs that look at each certificate refuse everybody then.
    private func tellUncovered() {
        let issuers = Set(lists.lists.map(\.issuerDER))
        let missing = trust.bundleAuthorities.compactMap { try? ParsedCertificate(der: $0) }
            .filter { !issuers.contains($0.subjectDER) }.map(\.label)
        guard missing != lists.uncovered else { return }
        lists.uncovered = missing
        guard !missing.isEmpty else { return }
        surroundings.logger.warning(
            "an authority has no revocation list",
            metadata: [
                "authorities": .string(missing.joined(separator: ", ")),
                "advice": .string(
                    "programs that check whole chains, such as PostgreSQL, refuse everybody without it; give the authority "
                        + "its list in crl.offline"
                ),
            ]
        )
    }

    private var listJitter: Jitter { Jitter(naming: settings.hostName, "lists") }

    private static func isTold(_ entry: RevokedSerial, _ lists: [RevocationList]) -> Bool {
        let serial = entry.serialContent
        let isListed = lists.contains { $0.entries[serial] != nil }
        return isListed != (entry.reason == .removeFromCRL)
    }

    private static let maximumAwaited = 1_024
    /// How often lists are fetched on which a revocation is missing, and the first pause between, in milliseconds.
    private static let maximumMisses = 12
    private static let missPause: Int64 = 50
}
