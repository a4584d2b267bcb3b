import CountersignIssuance
import CountersignTelemetry
import Logging

extension AuthorityEngine {
    /// Looks up until when each registered service has a certificate that is good, for ``AuthorityMetrics/expiry``:
    /// after a start nothing of it is known, and what was revoked does not count any more.
    ///
    /// A service all of whose certificates have ended is shown by the last; one that has none, or none that is not
    /// revoked, is not shown. It reads the store, so not for event loops.
    package func measureExpiries() {
        let names = registry.services.keys.sorted().prefix(metrics.expiry.limit)
        do throws(StoreError) {
            for name in names {
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
