import CountersignIssuance
import CountersignStore

/// Everything that a store tells.
struct Contents: Equatable {
    var certificates: [CertificateRecord]
    var services: [ServiceRegistration]
    var revocations: [RevocationEvent]
    var events: [RevocationEvent]
    var tokens: [AccessToken]
    var agents: [AgentRegistration]
    var audit: [AuditRecord]
    var compromisedKeys: Set<[UInt8]>
    var totals: InventoryTotals
    var listNumbers: [Int64]

    init(of folder: StoreFolder) throws {
        let store = try folder.open()
        defer { store.close() }
        try self.init(of: store)
    }

    init(of store: SQLiteStore) throws {
        self.certificates = try store.allCertificates(CertificateQuery(now: 0, limit: 1000))
        self.services = try store.services()
        self.revocations = try store.revocations(endingFrom: .min)
        self.events = try store.revocationEvents(after: 0, limit: 100_000)
        self.tokens = try store.tokens()
        self.agents = try store.agents()
        self.audit = try store.allAudit(AuditQuery(limit: 1000))
        self.compromisedKeys = Set(try store.compromisedKeys())
        self.totals = try store.totals()
        let issuers = ["aa", "bb", CertificateRecord.numbered(1).issuerKeyID]
        self.listNumbers = try issuers.map { issuer throws(StoreError) in
            try store.revocationListNumber(issuerKeyID: issuer)
        }
    }

    /// Without the lines of the audit trail that the store writes about itself.
    var withoutReconciliation: Contents {
        var contents = self
        contents.audit.removeAll { $0.actor == "store" }
        return contents
    }
}
