import CountersignIssuance

extension CertificateRecord {
    /// A certificate with a number for its serial, and the rest made up.
    static func numbered(
        _ number: Int,
        service: String? = "orders",
        notAfter: Int64 = 2_000,
        spiffeID: String? = "spiffe://example.org/ns/default/sa/orders"
    ) -> CertificateRecord {
        CertificateRecord(
            serial: Self.serial(number),
            service: service,
            profile: "default",
            subject: "CN=orders,O=Example",
            spiffeID: spiffeID,
            names: ["orders.internal", "10.0.0.\(number % 250)"],
            notBefore: 1_000,
            notAfter: notAfter,
            issuedAt: 1_030,
            keyAlgorithm: "p256",
            issuerKeyID: "00112233445566778899aabbccddeeff00112233",
            fingerprint: String(repeating: "5f", count: 32),
            der: [0x30, 0x82] + (0..<40).map { UInt8(truncatingIfNeeded: $0 &* number) },
            channel: .native,
            requester: "spiffe://example.org/ns/default/sa/orders"
        )
    }

    /// The serial number of ``numbered(_:service:notAfter:spiffeID:)``.
    static func serial(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "4a" + String(repeating: "0", count: 14 - digits.count) + digits
    }
}

extension AuditRecord {
    /// A line of the audit trail with the rest made up.
    static func line(
        actor: String = "admin",
        action: String = "certificate.issue",
        target: String = "orders",
        outcome: Outcome = .done
    ) -> AuditRecord {
        AuditRecord(date: 1_030, actor: actor, address: "10.0.0.1", action: action, target: target, outcome: outcome)
    }
}

extension InventoryStore {
    /// Commits changes, in one transaction.
    @discardableResult
    func make(_ changes: StoreChange...) throws(StoreError) -> StoreReceipt {
        try self.commit(StoreTransaction(changes))
    }

    /// Why a transaction is rejected; nil when it is not.
    func rejection(of changes: StoreChange...) -> StoreError.Code? {
        do throws(StoreError) {
            try self.commit(StoreTransaction(changes))
            return nil
        } catch {
            return error.code
        }
    }

    /// The elements of all pages.
    func allCertificates(_ query: CertificateQuery) throws(StoreError) -> [CertificateRecord] {
        var (query, found) = (query, [CertificateRecord]())
        while true {
            let page = try self.certificates(query)
            found += page.elements
            guard let next = page.next else { return found }
            query.cursor = next
        }
    }

    /// The elements of all pages.
    func allAudit(_ query: AuditQuery) throws(StoreError) -> [AuditRecord] {
        var (query, found) = (query, [AuditRecord]())
        while true {
            let page = try self.audit(query)
            found += page.elements
            guard let next = page.next else { return found }
            query.cursor = next
        }
    }
}
