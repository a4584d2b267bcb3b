import CountersignIssuance
import CountersignTelemetry
import Logging

extension AuthorityEngine {
    /// Sets the days until expiry of every service from the inventory, so that they are there after a restart as before.
    ///
    /// Reads the store once for each service.
    package func tellExpiries() {
        for name in registry.services.keys {
            var query = CertificateQuery(now: clock.now(), limit: 1)
            query.service = name
            do throws(StoreError) {
                guard let newest = try store.certificates(query).elements.first else { continue }
                // Nanoseconds of 64 bits end in the year 2262; certificates may end later.
                let end = min(newest.notAfter, Int64.max / 1_000_000_000)
                metrics.expiry.child(name).set(end * 1_000_000_000)
            } catch {
                return logger.warning("expiries are not known", metadata: ["reason": "\(error)"])
            }
        }
    }
}
