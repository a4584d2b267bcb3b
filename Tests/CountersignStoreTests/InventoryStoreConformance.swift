import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTesting
import Synchronization
import Testing

/// What every ``InventoryStore`` does; each case gets an empty store.
struct InventoryStoreConformance: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let run: @Sendable (any InventoryStore) throws -> Void

    static let all: [InventoryStoreConformance] =
        certificateCases + revocationCases + registryCases + auditCases + transactionCases

    static func named(
        _ name: String,
        _ run: @escaping @Sendable (any InventoryStore) throws -> Void
    ) -> InventoryStoreConformance {
        InventoryStoreConformance(testDescription: name, run: run)
    }

    // MARK: Certificates

    private static let certificateCases = [
        named("a recorded certificate is found as it was recorded, another is not") { store in
            let record = CertificateRecord.numbered(1)
            try store.make(.issue(record))
            #expect(try store.certificate(serial: record.serial) == record)
            #expect(try store.certificate(serial: CertificateRecord.serial(2)) == nil)
            #expect(try store.certificate(serial: "") == nil)
        },
        named("what is empty, absent or unusual survives") { store in
            var record = CertificateRecord.numbered(1, service: nil, spiffeID: nil)
            record.names = ["a\"b", "c\\d", "e\nf", "grün", "", "null"]
            record.der = []
            record.subject = ""
            record.fingerprint = "not hexadecimal"
            record.serial = "ABC"
            record.channel = .provisioning
            (record.notBefore, record.notAfter) = (.min, .max)
            try store.make(.issue(record))
            #expect(try store.certificate(serial: "ABC") == record)
            #expect(try store.certificate(serial: "abc") == nil)
        },
        named("a serial number is recorded once only") { store in
            try store.make(.issue(.numbered(1)))
            var second = CertificateRecord.numbered(1)
            second.subject = "CN=other"
            #expect(store.rejection(of: .issue(second)) == .serialRepeated)
            #expect(store.rejection(of: .issue(.numbered(2)), .issue(.numbered(2))) == .serialRepeated)
            #expect(try store.certificate(serial: second.serial) == .numbered(1))
            #expect(try store.certificate(serial: CertificateRecord.serial(2)) == nil)
            #expect(try store.totals() == InventoryTotals(issued: 1, revoked: 0))
        },
        named("what was refused has no place among the certificates of its service and SPIFFE ID") { store in
            try store.make(.issue(.numbered(1)))
            #expect(store.rejection(of: .issue(.numbered(1))) == .serialRepeated)
            let fresh = CertificateRecord.numbered(2, service: "fresh", spiffeID: "spiffe://example.org/fresh")
            #expect(store.rejection(of: .issue(fresh), .issue(fresh)) == .serialRepeated)
            try store.make(.issue(.numbered(3)), .issue(fresh))
            for (service, spiffeID, numbers) in [
                ("orders", CertificateRecord.numbered(1).spiffeID, [3, 1]), (fresh.service, fresh.spiffeID, [2]),
            ] {
                var query = CertificateQuery(now: 1_500)
                let serials = numbers.map(CertificateRecord.serial)
                query.service = service
                #expect(try store.certificates(query).elements.map(\.serial) == serials)
                (query.service, query.spiffeID) = (nil, spiffeID)
                #expect(try store.certificates(query).elements.map(\.serial) == serials)
            }
        },
        named("issuers are counted by what is not over yet") { store in
            for (number, issuer, end) in [(1, "aa", 2_000), (2, "bb", 3_000), (3, "aa", 5_000), (4, "cc", 1_999)] {
                var record = CertificateRecord.numbered(number)
                (record.issuerKeyID, record.notAfter) = (issuer, Int64(end))
                try store.make(.issue(record))
            }
            let all = try store.issuers(endingFrom: 2_000)
            #expect(all.map(\.keyID) == ["aa", "bb"])
            #expect(all.map(\.count) == [2, 1] && all.map(\.notAfter) == [5_000, 3_000])
            #expect(try store.issuers(endingFrom: 3_001).map(\.keyID) == ["aa"])
            #expect(try store.issuers(endingFrom: 5_001) == [])
        },
        named("pages hold what the filters say, newest first, each once") { store in
            let records = try Self.populate(store)
            for query in Self.queries {
                let expected = records.reversed().filter { Self.matches($0, query) }
                #expect(try store.allCertificates(query) == Array(expected), "\(query)")
                let page = try store.certificates(query)
                #expect(page.elements.count == min(query.limit, expected.count))
                #expect((page.next == nil) == (expected.count <= query.limit))
            }
        },
        named("a page has at least one and at most 1000 elements") { store in
            try store.commit(StoreTransaction((0..<1002).map { .issue(.numbered($0)) }))
            #expect(try store.certificates(CertificateQuery(now: 0, limit: 0)).elements.count == 1)
            #expect(try store.certificates(CertificateQuery(now: 0, limit: 5000)).elements.count == 1000)
        },
    ]

    /// Certificates of several services and ends, some of them revoked or held, in the order of their recording.
    private static func populate(_ store: any InventoryStore) throws -> [CertificateRecord] {
        var generator = SeededGenerator(seed: 41)
        var records = (0..<300).map { number in
            CertificateRecord.numbered(
                number,
                service: ["orders", "stock", nil].randomElement(using: &generator).flatMap(\.self),
                notAfter: Int64.random(in: 1_900..<2_100, using: &generator),
                spiffeID: ["spiffe://a/x", "spiffe://a/y", nil].randomElement(using: &generator).flatMap(\.self)
            )
        }
        try store.commit(StoreTransaction(records.map { .issue($0) }))
        for index in records.indices where Bool.random(using: &generator) {
            let reason = [RevocationReason.certificateHold, .keyCompromise].randomElement(using: &generator)
            let mark = RevocationMark(date: 1_500, reason: try #require(reason), actor: "admin")
            let serial = records[index].serial
            try store.make(.revoke(serial: serial, reason: mark.reason, date: mark.date, actor: mark.actor))
            records[index].revocation = mark
        }
        return records
    }

    private static var queries: [CertificateQuery] {
        var queries: [CertificateQuery] = []
        for state in [nil] + CertificateRecord.State.allCases.map(Optional.init) {
            for service in [nil, "orders", "nobody"] {
                for spiffeID in [nil, "spiffe://a/y"] {
                    for endsBefore in [nil, 2_020 as Int64] {
                        for limit in [7, 1000] {
                            var query = CertificateQuery(now: 2_000, limit: limit)
                            (query.state, query.service) = (state, service)
                            (query.spiffeID, query.endsBefore) = (spiffeID, endsBefore)
                            queries.append(query)
                        }
                    }
                }
            }
        }
        return queries
    }

    private static func matches(_ record: CertificateRecord, _ query: CertificateQuery) -> Bool {
        (query.service == nil || record.service == query.service)
            && (query.spiffeID == nil || record.spiffeID == query.spiffeID)
            && (query.endsBefore.map { record.notAfter < $0 } ?? true)
            && (query.state == nil || record.state(at: query.now) == query.state)
    }

    // MARK: Services, tokens, agents

    private static let registryCases = [
        named("services are added, replaced, listed by name and removed") { store in
            var orders = ServiceRegistration(name: "orders", spiffeID: try SPIFFEID(parsing: "spiffe://a/orders"))
            let app = try CloudFoundryGUID(parsing: "5c3d1f0e-0b7a-4f6e-9a55-2f0d8e1c7b42")
            orders.dnsNames = ["orders.internal", "*.orders.internal"]
            orders.addresses = [try IPAddress(parsing: "10.0.0.1"), try IPAddress(parsing: "2001:db8::1")]
            orders.cloudFoundry = CloudFoundryIdentity(app: app, organization: app)
            orders.owner = "team \"a\""
            orders.labels = ["tier": "gold", "": "\n"]
            orders.tokens = TokenGrant(audiences: ["a", "b \"c\""], roles: ["r"], scopes: ["s:1"])
            orders.origin = .configuration
            let stock = ServiceRegistration(name: "a-stock", spiffeID: try SPIFFEID(parsing: "spiffe://a/stock"))
            try store.make(.putService(orders), .putService(stock))
            #expect(try store.services() == [stock, orders])
            orders.cloudFoundry = nil
            orders.owner = nil
            orders.tokens.roles = []
            try store.make(.putService(orders))
            #expect(try store.services() == [stock, orders])
            try store.make(.removeService(name: "orders"))
            #expect(try store.services() == [stock])
            #expect(store.rejection(of: .removeService(name: "orders")) == .unknownService)
        },
        named("a join token is used once and in time") { store in
            let token = Self.joinToken("one", digest: "aa", expiresAt: 2_000)
            try store.make(.addToken(token), .addToken(Self.joinToken("two", digest: "bb", expiresAt: 2_000)))
            #expect(store.rejection(of: .addToken(Self.joinToken("one", digest: "cc", expiresAt: nil))) == .nameTaken)
            #expect(store.rejection(of: .useToken(digest: "dd", date: 1_000)) == .unknownToken)
            try store.make(.useToken(digest: "aa", date: 2_000))
            #expect(store.rejection(of: .useToken(digest: "aa", date: 1_999)) == .tokenUsed)
            #expect(store.rejection(of: .useToken(digest: "bb", date: 2_001)) == .tokenExpired)
            #expect(try store.token(digest: "aa")?.usedAt == 2_000)
            #expect(try store.token(digest: "bb")?.usedAt == nil)
            #expect(try store.token(digest: "dd") == nil)
        },
        named("a token that was used or has expired leaves its name to the next, one that is good does not") { store in
            try store.make(.addToken(Self.joinToken("one", digest: "aa", expiresAt: 2_000)))
            try store.make(.useToken(digest: "aa", date: 1_000))
            let again = Self.joinToken("one", digest: "bb", expiresAt: nil)
            try store.make(.addToken(again))
            #expect(try store.tokens() == [again])
            #expect(try store.token(digest: "aa") == nil)
            #expect(store.rejection(of: .addToken(Self.joinToken("one", digest: "cc", expiresAt: nil))) == .nameTaken)
            var (first, later) = (Self.joinToken("two", digest: "dd", expiresAt: 2_000), again)
            try store.make(.addToken(first))
            (first.digest, first.createdAt) = ("ee", 2_000)
            #expect(store.rejection(of: .addToken(first)) == .nameTaken)
            first.createdAt = 2_001
            try store.make(.addToken(first))
            #expect(try store.token(digest: "ee") == first)
            (later.name, later.digest) = ("three", "ee")
            #expect(store.rejection(of: .addToken(later)) == .nameTaken)
        },
        named("a bearer token is kept, admits nobody, and is removed") { store in
            let token = AccessToken(
                name: "ci",
                kind: .bearer(.operator),
                digest: "ee",
                createdAt: 1_000,
                expiresAt: nil,
                creator: "admin"
            )
            try store.make(.addToken(token))
            #expect(try store.tokens() == [token])
            #expect(try store.token(digest: "ee") == token)
            #expect(store.rejection(of: .useToken(digest: "ee", date: 1_000)) == .unknownToken)
            try store.make(.removeToken(name: "ci"))
            #expect(try store.token(digest: "ee") == nil)
            #expect(store.rejection(of: .removeToken(name: "ci")) == .unknownToken)
        },
        named("the newest rotation that was asked for is kept for each service") { store in
            #expect(try store.rotations().isEmpty)
            try store.make(.requestRotation(service: "orders", date: 1000))
            try store.make(.requestRotation(service: "billing", date: 1001))
            try store.make(.requestRotation(service: "orders", date: 1002))
            #expect(try store.rotations() == ["orders": 1002, "billing": 1001])
        },
        named("agents are added, replaced and removed") { store in
            let agent = AgentRegistration(name: "node-1", services: ["orders", "stock"], joinedAt: 1_000)
            try store.make(.putAgent(agent))
            try store.make(.putAgent(AgentRegistration(name: "node-0", services: [], joinedAt: 1_000)))
            #expect(try store.agents().map(\.name) == ["node-0", "node-1"])
            #expect(try store.agents().last == agent)
            try store.make(.removeAgent(name: "node-1"))
            #expect(try store.agents().map(\.name) == ["node-0"])
            #expect(store.rejection(of: .removeAgent(name: "node-1")) == .unknownAgent)
        },
    ]

    private static func joinToken(_ name: String, digest: String, expiresAt: Int64?) -> AccessToken {
        AccessToken(
            name: name,
            kind: .join(agent: "node-1", services: ["orders"]),
            digest: digest,
            createdAt: 1_000,
            expiresAt: expiresAt,
            creator: "admin"
        )
    }

    // MARK: Audit

    private static let auditCases = [
        named("the audit trail is numbered from 1 and read newest first") { store in
            try store.make(.audit(.line()), .audit(.line(outcome: .refused)))
            try store.make(.audit(.line(actor: "other")))
            let trail = try store.audit(AuditQuery()).elements
            #expect(trail.map(\.sequence) == [3, 2, 1])
            var first = AuditRecord.line()
            first.sequence = 1
            #expect(trail.last == first)
        },
        named("pages of the audit trail hold what the filters say") { store in
            var generator = SeededGenerator(seed: 43)
            let (actors, actions, targets) = (["a", "b"], ["x", "y"], ["s", "t"])
            var lines = (1...200).map { _ in
                AuditRecord.line(
                    actor: actors.randomElement(using: &generator) ?? "",
                    action: actions.randomElement(using: &generator) ?? "",
                    target: targets.randomElement(using: &generator) ?? "",
                    outcome: AuditRecord.Outcome.allCases.randomElement(using: &generator) ?? .done
                )
            }
            try store.commit(StoreTransaction(lines.map { .audit($0) }))
            for index in lines.indices { lines[index].sequence = Int64(index + 1) }
            for actor in [nil, "a", "nobody"] {
                for (action, target) in [(nil, nil), ("x", nil), (nil, "t"), ("y", "s")] as [(String?, String?)] {
                    for outcome in [nil] + AuditRecord.Outcome.allCases.map(Optional.init) {
                        var query = AuditQuery(limit: 7)
                        (query.actor, query.action) = (actor, action)
                        (query.target, query.outcome) = (target, outcome)
                        let expected = lines.reversed().filter { line in
                            (actor == nil || line.actor == actor) && (action == nil || line.action == action)
                                && (target == nil || line.target == target)
                                && (outcome == nil || line.outcome == outcome)
                        }
                        #expect(try store.allAudit(query) == Array(expected), "\(query)")
                    }
                }
            }
        },
    ]

    // MARK: Transactions

    private static let transactionCases = [
        named("a transaction that is rejected leaves nothing behind") { store in
            try store.make(.issue(.numbered(1)))
            let service = ServiceRegistration(name: "orders", spiffeID: try SPIFFEID(parsing: "spiffe://a/orders"))
            let code = store.rejection(
                of: .putService(service),
                .issue(.numbered(2)),
                Self.revoke(1, .superseded),
                .revocationListNumber(issuerKeyID: "aa", number: 1),
                .audit(.line()),
                .issue(.numbered(1))
            )
            #expect(code == .serialRepeated)
            #expect(try store.services().isEmpty)
            #expect(try store.certificate(serial: CertificateRecord.serial(1)) == .numbered(1))
            #expect(try store.certificate(serial: CertificateRecord.serial(2)) == nil)
            #expect(try store.newestRevocation() == 0)
            #expect(try store.revocationListNumber(issuerKeyID: "aa") == 0)
            #expect(try store.audit(AuditQuery()).elements.isEmpty)
            #expect(try store.totals() == InventoryTotals(issued: 1, revoked: 0))
            let receipt = try store.make(Self.revoke(1, .superseded), .audit(.line()))
            #expect(receipt.revocations.map(\.sequence) == [1])
            #expect(try store.audit(AuditQuery()).elements.map(\.sequence) == [1])
        },
        named("of transactions that come together the rejected ones alone fail") { store in
            let outcomes = Outcomes()
            for number in 0..<200 {
                // Every certificate comes twice; one of the two is rejected, with everything before it.
                let changes: [StoreChange] = [.audit(.line(target: "\(number)")), .issue(.numbered(number / 2))]
                store.commit(StoreTransaction(changes)) { outcomes.add(number, $0) }
            }
            let results = outcomes.wait(for: 200)
            #expect(results.values.count { $0 == nil } == 100)
            #expect(results.values.allSatisfy { $0 == nil || $0 == .serialRepeated })
            let accepted = Set(results.filter { $0.value == nil }.map { "\($0.key)" })
            let trail = try store.allAudit(AuditQuery())
            #expect(Set(trail.map(\.target)) == accepted)
            #expect(trail.map(\.sequence) == (1...100).reversed().map(Int64.init))
            #expect(try store.totals().issued == 100)
        },
        named("what a completion was called for can be read at once") { store in
            let outcomes = Outcomes()
            let missing = Mutex(0)
            for number in 0..<50 {
                store.commit(StoreTransaction([.issue(.numbered(number))])) { result in
                    let found = try? store.certificate(serial: CertificateRecord.serial(number))
                    if found == nil { missing.withLock { $0 += 1 } }
                    outcomes.add(number, result)
                }
            }
            #expect(outcomes.wait(for: 50).values.allSatisfy { $0 == nil })
            #expect(missing.withLock { $0 } == 0)
        },
        named("an empty transaction succeeds") { store in
            let receipt = try store.make()
            #expect(receipt.revocations.isEmpty)
            #expect(try store.totals() == InventoryTotals(issued: 0, revoked: 0))
        },
    ]
}
