import CountersignIssuance

extension AuthorityEngine {
    /// What records a certificate that was made.
    ///
    /// One that was made by hand has its line in the audit trail; of all others the inventory itself says who had them.
    func recording(_ issuance: Issuance, of order: IssuanceOrder, for caller: Caller) -> [StoreChange] {
        let record = StoreChange.issue(issuance.record)
        guard order.channel == .command else { return [record] }
        let line = auditRecord(
            "certificate.issue",
            target: order.holder.name,
            by: caller,
            outcome: .done,
            detail: issuance.record.serial
        )
        return [record, .audit(line)]
    }
}
