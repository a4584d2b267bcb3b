import CountersignAuthority
import CountersignIssuance
import CountersignTelemetry
import CountersignTransport
import Logging
import Synchronization

/// Says in log and health that certificates are still good whose intermediate is not in the configuration any more.
///
/// What it finds at the start can only become less: whatever is issued later is by an intermediate that is there.
final class UnansweredIssuers: Sendable {
    private let engine: AuthorityEngine
    private let health: HealthState
    private let found = Mutex<[IssuerTotals]>([])

    /// Looks for them in a thread of its own, so that a large inventory does not hold up the start.
    ///
    /// - Throws: ``SystemError`` when no thread can be made.
    init(engine: AuthorityEngine, health: HealthState) throws(SystemError) {
        self.engine = engine
        self.health = health
        try spawn(name: "issuers") { [self] in find() }
    }

    /// Forgets those whose certificates have all ended meanwhile.
    func tell() {
        let now = engine.clock.now()
        let (before, left) = found.withLock { found in
            let before = found
            found.removeAll { $0.notAfter < now }
            return (before, found)
        }
        guard let first = left.first else {
            if !before.isEmpty { health.set("issuers", .ok) }
            return
        }
        let more = left.count > 1 ? "; and \(left.count - 1) more" : ""
        health.set("issuers", .degraded(reason: first.complaint + more))
    }

    private func find() {
        do throws(StoreError) {
            let unanswered = try engine.unansweredIssuers()
            for issuer in unanswered {
                engine.logger.warning(
                    "certificates are good whose revocation nobody answers for",
                    metadata: ["issuer_key_id": "\(issuer.keyID)", "reason": "\(issuer.complaint)"]
                )
            }
            found.withLock { $0 = unanswered }
            tell()
        } catch {
            engine.logger.warning("the issuers of certificates are not known", metadata: ["reason": "\(error)"])
        }
    }
}
