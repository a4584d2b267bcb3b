package import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTelemetry

extension AuthorityEngine {
    /// Issues and records a certificate for the authority's own listeners; waits for the store, so not for loops.
    ///
    /// - Throws: ``AuthorityError``.
    package func issueServerCertificate(
        dnsNames: [String],
        addresses: [IPAddress]
    ) throws(AuthorityError) -> Issuance {
        var order = IssuanceOrder(
            holder: .authority,
            key: .generated(.p256),
            channel: .provisioning
        )
        order.dnsNames = dnsNames
        order.addresses = addresses
        let issuance = try makeIssuance(order, for: Caller(.local("authority")))
        do {
            try store.commit(StoreTransaction([.issue(issuance.record)]))
        } catch {
            throw AuthorityError(error)
        }
        metrics.countIssuance(.provisioning, .success)
        return issuance
    }
}
