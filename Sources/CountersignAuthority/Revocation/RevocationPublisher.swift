import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// Signs revocation lists: one at the start, one each interval, and one as soon as something was revoked.
///
/// The number of a list is durable before the list is signed, so that no number is ever seen on two lists and none goes
/// back, whatever happens to the process. Revocations that come while a list is being signed are on the next one.
package final class RevocationPublisher: Sendable {
    private struct State {
        var lists: PublishedLists?
        /// The base list that delta lists continue, and the revocation that it goes up to.
        var base: (number: Int64, sequence: Int64, signedAt: Int64)?
        var wantsList = true
        var isStopped = false
    }

    private let engine: AuthorityEngine
    private let state = Mutex(State())
    private let wake = SystemSemaphore()
    private let ended = Completion()

    /// Signs the first list, then goes on in a thread of its own.
    ///
    /// - Throws: ``AuthorityError`` when the first list cannot be made; ``SystemError`` when no thread can.
    package init(engine: AuthorityEngine) throws {
        self.engine = engine
        try publish()
        _ = engine.revocations.add { [weak self] _ in self?.request() }
        try spawn(name: "publisher") { [weak self, wake, ended] in
            while let step = self?.nextStep() {
                switch step {
                case .wait(let time): _ = wake.wait(upTo: time)
                case .publish: self?.publishOrComplain()
                case .stop:
                    ended.finish()
                    return
                }
            }
        }
    }

    /// The newest lists.
    package var lists: PublishedLists? { state.withLock { $0.lists } }

    /// Asks for a new list as soon as possible.
    package func request() {
        state.withLock { $0.wantsList = true }
        wake.signal()
    }

    /// Ends the thread after the list at hand.
    package func stop() {
        state.withLock { $0.isStopped = true }
        wake.signal()
        _ = ended.wait()
    }

    private enum Step {
        case wait(Duration)
        case publish
        case stop
    }

    private func nextStep() -> Step {
        let now = engine.clock.now()
        return state.withLock { state in
            if state.isStopped { return .stop }
            let age = state.lists.map { now - $0.thisUpdate } ?? Int64.max
            let interval = engine.settings.revocationListIntervalSeconds
            if state.wantsList || age >= interval || age < 0 { return .publish }
            return .wait(.seconds(min(interval - age, Self.longestWait)))
        }
    }

    private func publishOrComplain() {
        do {
            try publish()
        } catch {
            engine.logger.error("no revocation list could be signed", metadata: ["reason": "\(error)"])
            // Not at once again: a full disk does not get emptier by asking.
            _ = wake.wait(upTo: .seconds(1))
        }
    }

    private func publish() throws(AuthorityError) {
        let keyID = engine.issuer.keyID
        let now = engine.clock.now()
        let base = state.withLock { state in
            state.wantsList = false
            return state.base
        }
        let (all, sequence) = engine.revocations.snapshot()
        let entries = own(all)
        let number: Int64
        do {
            number = try engine.store.revocationListNumber(issuerKeyID: keyID) + 1
            try engine.store.commit(
                StoreTransaction([.revocationListNumber(issuerKeyID: keyID, number: number)])
            )
        } catch {
            state.withLock { $0.wantsList = true }
            throw AuthorityError(error)
        }
        let isDue = base.map { now - $0.signedAt >= engine.settings.revocationListIntervalSeconds } ?? true
        // Without a base of this run nothing is known of what the holders of older lists lack: then there is no delta.
        let delta = base.flatMap { base in
            engine.revocations.events(after: base.sequence).map { events in
                (base: base.number, events: own(events).filter { $0.sequence <= sequence })
            }
        }
        let lists: PublishedLists
        do throws(PKIError) {
            lists = try sign(number, now, entries, delta)
        } catch {
            throw AuthorityError(error)
        }
        state.withLock { state in
            state.lists = lists
            if isDue || delta == nil { state.base = (number, sequence, now) }
        }
        engine.metrics.revocationListAge.set(now * 1_000_000_000)
        engine.metrics.revocationListEntries.set(Double(entries.count))
        engine.metrics.revocationListNumber.set(Double(number))
        engine.logger.info(
            "revocation list published",
            metadata: ["number": "\(number)", "entries": "\(entries.count)", "sequence": "\(sequence)"]
        )
    }

    /// Those that this authority has signed; what an outside CA has signed is on that one's list.
    private func own(_ events: [RevocationEvent]) -> [RevocationEvent] {
        guard engine.issuer.outside != nil else { return events }
        return events.filter { $0.issuerKeyID == engine.issuer.keyID }
    }

    private func sign(
        _ number: Int64,
        _ now: Int64,
        _ entries: [RevocationEvent],
        _ delta: (base: Int64, events: [RevocationEvent])?
    ) throws(PKIError) -> PublishedLists {
        let end = now + engine.settings.revocationListLifetimeSeconds
        var content = RevocationListContent(
            number: number,
            thisUpdate: now,
            nextUpdate: end,
            entries: entries.compactMap(Self.entry)
        )
        if let url = engine.settings.publicURL {
            content.freshestURIs = ["\(url)\(PublicPaths.deltaRevocationList(engine.issuer.keyID))"]
        }
        let full = try engine.issuer.authority.revocationList(content)
        var change: [UInt8]?
        if let delta {
            content.freshestURIs = []
            content.baseNumber = delta.base
            content.entries = Self.changes(delta.events)
            change = try engine.issuer.authority.revocationList(content)
        }
        return PublishedLists(number: number, thisUpdate: now, nextUpdate: end, full: full, delta: change)
    }

    /// The last event of each certificate: a delta list says what became of it, not how.
    private static func changes(_ events: [RevocationEvent]) -> [RevocationListContent.Entry] {
        var last: [String: RevocationEvent] = [:]
        for event in events { last[event.serial] = event }
        return last.values.sorted { $0.sequence < $1.sequence }.compactMap(entry)
    }

    private static func entry(_ event: RevocationEvent) -> RevocationListContent.Entry? {
        RevocationListContent.Entry(serialHex: event.serial, date: event.date, reason: event.reason)
    }

    private static let longestWait: Int64 = 60
}

/// The revocation lists that are served.
package struct PublishedLists: Sendable {
    /// The number of both.
    package let number: Int64
    /// When they were signed, in Unix seconds.
    package let thisUpdate: Int64
    /// Until when they may be relied upon, in Unix seconds.
    package let nextUpdate: Int64
    /// The base list in DER.
    package let full: [UInt8]
    /// The delta list in DER: what changed since its base list, one of the last interval; nil for the first list of a run.
    package let delta: [UInt8]?
}
