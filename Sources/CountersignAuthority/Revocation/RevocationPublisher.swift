import CountersignIssuance
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// Signs revocation lists: at the start, each interval, and as soon as something was revoked.
///
/// Revocations that come while lists are being signed are on the next ones.
package final class RevocationPublisher: Sendable {
    private struct State {
        var schedule: PublicationSchedule
        /// The newest lists by the issuer's key identifier.
        var lists: [String: PublishedLists] = [:]
    }

    private let engine: AuthorityEngine
    /// Signed by one thread at a time, and never while ``state`` is held: readers do not wait for a signature.
    private let series: Mutex<[RevocationListSeries]>
    private let state: Mutex<State>
    private let wake = SystemSemaphore()
    private let ended = Completion()

    /// Signs the first list of each issuer, then goes on in a thread of its own.
    ///
    /// - Throws: ``AuthorityError`` when a first list cannot be made; `SystemError` when no thread can.
    package init(engine: AuthorityEngine) throws {
        self.engine = engine
        self.series = Mutex(engine.issuer.answering.map { RevocationListSeries(issuer: $0) })
        self.state = Mutex(
            State(schedule: PublicationSchedule(interval: engine.settings.revocationListIntervalSeconds))
        )
        try publish()
        _ = engine.revocations.add { [weak self] _, _ in self?.request() }
        try spawn(name: "publisher") { [weak self, wake, ended] in
            while let step = self?.nextStep() {
                switch step {
                case .wait(let seconds): _ = wake.wait(upTo: .seconds(seconds))
                case .publish: self?.publishOrComplain()
                case .stop:
                    ended.finish()
                    return
                }
            }
        }
    }

    /// The newest lists of the issuer that signs certificates now.
    package var lists: PublishedLists? { lists(ofIssuer: engine.issuer.keyID) }

    /// The newest lists of an issuer, by its key identifier in lower-case hexadecimal.
    package func lists(ofIssuer keyID: String) -> PublishedLists? {
        state.withLock { $0.lists[keyID] }
    }

    /// The newest lists of all issuers that answer for certificates, in the order of their key identifiers.
    package var allLists: [PublishedLists] {
        state.withLock { $0.lists }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Asks for new lists as soon as possible.
    package func request() {
        state.withLock { $0.schedule.request() }
        wake.signal()
    }

    /// Ends the thread after the lists at hand.
    package func stop() {
        state.withLock { $0.schedule.stop() }
        wake.signal()
        _ = ended.wait()
    }

    private func nextStep() -> PublicationSchedule.Step {
        let now = engine.clock.now()
        return state.withLock { $0.schedule.step(at: now) }
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
        let now = engine.clock.now()
        state.withLock { $0.schedule.begin() }
        let result: Result<[String: PublishedLists], AuthorityError> = series.withLock { series in
            do throws(AuthorityError) {
                for index in series.indices { try series[index].publish(engine, now: now) }
                return .success(
                    Dictionary(series.compactMap { one in one.lists.map { (one.keyID, $0) } }) { _, last in last }
                )
            } catch {
                return .failure(error)
            }
        }
        guard case .success(let lists) = result else {
            state.withLock { $0.schedule.request() }
            _ = try result.get()
            return
        }
        state.withLock { state in
            state.lists = lists
            state.schedule.published(at: now)
        }
        tell(lists, now)
    }

    private func tell(_ lists: [String: PublishedLists], _ now: Int64) {
        guard let own = lists[engine.issuer.keyID] else { return }
        engine.metrics.revocationListAge.set(now * 1_000_000_000)
        engine.metrics.revocationListEntries.set(Double(lists.values.reduce(0) { $0 + $1.count }))
        engine.metrics.revocationListNumber.set(Double(own.number))
        engine.logger.info(
            "revocation list published",
            metadata: ["number": "\(own.number)", "entries": "\(own.count)", "issuers": "\(lists.count)"]
        )
    }
}
