import CountersignIssuance
import CountersignPKI

/// The lists of one issuer, one after the other: each with a number of its own, and what changed since a base among them.
struct RevocationListSeries: Sendable {
    /// A base list that delta lists continue.
    private struct Base {
        var number: Int64
        /// The revocation that the list goes up to.
        var sequence: Int64
        var signedAt: Int64
    }

    /// The issuer's key identifier in lower-case hexadecimal.
    let keyID: String
    /// The newest lists.
    private(set) var lists: PublishedLists?
    private let issuer: IssuingAuthority
    private var base: Base?

    /// A series without a list.
    init(issuer: IssuingAuthority) {
        self.issuer = issuer
        self.keyID = issuer.subjectKeyIdentifierHex
    }

    /// Signs the next lists.
    ///
    /// The number is durable before anything is signed with it, so that none is ever seen on two lists and none goes back,
    /// whatever happens to the process.
    ///
    /// - Throws: ``AuthorityError`` when the store does not take the number or the key does not sign.
    mutating func publish(_ engine: AuthorityEngine, now: Int64) throws(AuthorityError) {
        let (all, sequence) = engine.revocations.snapshot()
        let known = continued(engine)
        let base =
            if let known { known } else { Base(number: try nextNumber(engine), sequence: sequence, signedAt: now) }
        let number = try nextNumber(engine)
        let events = engine.revocations.events(after: base.sequence) ?? []
        let changes = own(events).filter { $0.sequence <= sequence }
        do throws(PKIError) {
            lists = try sign(number, now, own(all), (base.number, changes), engine.settings)
        } catch {
            throw AuthorityError(error)
        }
        let isDue = now - base.signedAt >= engine.settings.revocationListIntervalSeconds
        self.base = isDue ? Base(number: number, sequence: sequence, signedAt: now) : base
    }

    /// The base, while it is known what came after it.
    ///
    /// Of a former run's lists nobody knows what their holders lack. The number that is then taken as the base is that of
    /// a list which would say what the one beside the delta says (RFC 5280 section 5.2.4: a delta's number is above it).
    private func continued(_ engine: AuthorityEngine) -> Base? {
        base.flatMap { engine.revocations.events(after: $0.sequence) == nil ? nil : $0 }
    }

    private func nextNumber(_ engine: AuthorityEngine) throws(AuthorityError) -> Int64 {
        do {
            let last = try engine.store.revocationListNumber(issuerKeyID: keyID)
            // Not below the clock: what a store that was lost, or is back after another one, counted to is below it, too.
            let number = max(last + 1, engine.clock.now())
            try engine.store.commit(StoreTransaction([.revocationListNumber(issuerKeyID: keyID, number: number)]))
            return number
        } catch {
            throw AuthorityError(error)
        }
    }

    /// A list names its issuer's certificates alone: a serial number means nothing without the issuer.
    private func own(_ events: [RevocationEvent]) -> [RevocationEvent] {
        events.filter { $0.issuerKeyID == keyID }
    }

    private func sign(
        _ number: Int64,
        _ now: Int64,
        _ entries: [RevocationEvent],
        _ changes: (base: Int64, events: [RevocationEvent]),
        _ settings: AuthoritySettings
    ) throws(PKIError) -> PublishedLists {
        var content = RevocationListContent(
            number: number,
            thisUpdate: now,
            nextUpdate: now + settings.revocationListLifetimeSeconds,
            entries: entries.compactMap(Self.entry)
        )
        if let url = settings.publicURL {
            content.freshestURIs = ["\(url)\(PublicPaths.deltaRevocationList(keyID))"]
        }
        let full = try issuer.revocationList(content)
        content.freshestURIs = []
        content.baseNumber = changes.base
        content.entries = Self.last(of: changes.events)
        let delta = try issuer.revocationList(content)
        return PublishedLists(
            number: number,
            thisUpdate: now,
            nextUpdate: content.nextUpdate,
            count: entries.count,
            full: full,
            delta: delta
        )
    }

    /// The last event of each certificate: a delta list says what became of it, not how.
    private static func last(of events: [RevocationEvent]) -> [RevocationListContent.Entry] {
        var last: [String: RevocationEvent] = [:]
        for event in events { last[event.serial] = event }
        return last.values.sorted { $0.sequence < $1.sequence }.compactMap(entry)
    }

    private static func entry(_ event: RevocationEvent) -> RevocationListContent.Entry? {
        RevocationListContent.Entry(serialHex: event.serial, date: event.date, reason: event.reason)
    }
}
