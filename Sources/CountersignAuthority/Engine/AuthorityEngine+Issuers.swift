package import CountersignIssuance
import CountersignPKI

extension AuthorityEngine {
    /// Whose certificates are still good although nobody here signs lists and OCSP answers for them: an intermediate that was
    /// taken out of the configuration before its time.
    ///
    /// None where an outside CA makes certificates: revocations of those are its own to publish. It reads the store, for
    /// long where that is large, so not for event loops nor for the start.
    ///
    /// - Throws: `StoreError`.
    package func unansweredIssuers() throws(StoreError) -> [IssuerTotals] {
        guard issuer.outside == nil else { return [] }
        let answering = Set(issuer.answering.map(\.subjectKeyIdentifierHex))
        return try store.issuers(endingFrom: clock.now()).filter { !answering.contains($0.keyID) }
    }
}

extension IssuerTotals {
    /// What is wrong, for people.
    package var complaint: String {
        let until = CalendarTime(unixSeconds: notAfter).rfc3339
        return "nobody answers for the revocation of \(count) certificates of the intermediate \(keyID), "
            + "the last of which ends \(until): put it into retired_intermediates until then"
    }
}
