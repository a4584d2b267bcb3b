import CountersignIssuance
import CountersignTelemetry
import CountersignTransport
import Logging

extension AuthorityEngine {
    /// Looks up until when each registered service has a certificate that is good, for ``AuthorityMetrics/expiry``:
    /// after a start nothing of it is known, and what was revoked does not count any more.
    ///
    /// A service all of whose certificates have ended is shown by the last; one that has none, or none that is not
    /// revoked, is not shown. It reads the store, so not for event loops.
    package func measureExpiries() {
        measure(registry.services.keys.sorted().prefix(metrics.expiry.limit))
    }

    /// Looks up the same, on a thread of its own, for services of which certificates were revoked, held or released.
    ///
    /// What finds no room there is seen when all of them are looked up the next time.
    func measureExpiries(of services: Set<String>) {
        let registered = services.intersection(registry.services.keys)
        guard !registered.isEmpty else { return }
        _ = measuring.run { [weak self] in self?.measure(registered.sorted()) }
    }

    private func measure(_ services: some Sequence<String>) {
        do throws(StoreError) {
            for name in services {
                let active = try newest(of: name, .active)
                let shown = active == nil ? try newest(of: name, .expired) : active
                if let newest = shown {
                    metrics.setExpiry(of: name, at: newest.notAfter)
                } else {
                    metrics.expiry.remove(name)
                }
            }
        } catch {
            logger.warning("the ends of certificates are not known", metadata: ["reason": "\(error)"])
        }
    }

    private func newest(
        of service: String,
        _ state: CertificateRecord.State
    ) throws(StoreError) -> CertificateRecord? {
        var query = CertificateQuery(now: clock.now(), limit: 1)
        query.service = service
        query.state = state
        return try store.certificates(query).elements.first
    }
}
