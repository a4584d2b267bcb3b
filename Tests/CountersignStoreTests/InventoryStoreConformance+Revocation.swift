import CountersignIssuance
import CountersignPKI
import Testing

extension InventoryStoreConformance {
    static let revocationCases = [
        named("a revocation is in force, followed as an event, and final") { store in
            try store.make(.issue(.numbered(1, notAfter: 2_000)), .issue(.numbered(2)))
            let receipt = try store.make(Self.revoke(1, .keyCompromise))
            let event = RevocationEvent(
                sequence: 1,
                serial: CertificateRecord.serial(1),
                issuerKeyID: CertificateRecord.numbered(1).issuerKeyID,
                date: 1_500,
                reason: .keyCompromise,
                notAfter: 2_000
            )
            #expect(receipt.revocations == [event])
            #expect(try store.revocationEvents(after: 0, limit: 10) == [event])
            #expect(try store.revocations(endingFrom: 2_000) == [event])
            #expect(try store.revocations(endingFrom: 2_001).isEmpty)
            #expect(try store.newestRevocation() == 1)
            #expect(try store.certificate(serial: event.serial)?.state(at: 0) == .revoked)
            #expect(try store.certificate(serial: CertificateRecord.serial(2))?.state(at: 0) == .active)
            for reason in [RevocationReason.superseded, .certificateHold] {
                #expect(store.rejection(of: Self.revoke(1, reason)) == .alreadyRevoked)
            }
            #expect(store.rejection(of: Self.revoke(1, .removeFromCRL)) == .notHeld)
            #expect(store.rejection(of: Self.revoke(9, .superseded)) == .unknownSerial)
            #expect(try store.newestRevocation() == 1)
        },
        named("a revoked one may be revoked again for its key's sake, once") { store in
            try store.make(.issue(.numbered(1)), .issue(.numbered(2)))
            try store.make(Self.revoke(1, .superseded))
            let again = try store.make(Self.revoke(1, .keyCompromise)).revocations
            #expect(again.map(\.sequence) == [2])
            #expect(try store.revocations(endingFrom: 0) == again)
            #expect(try store.certificate(serial: CertificateRecord.serial(1))?.revocation?.reason == .keyCompromise)
            for reason in [RevocationReason.keyCompromise, .caCompromise, .superseded, .certificateHold] {
                #expect(store.rejection(of: Self.revoke(1, reason)) == .alreadyRevoked)
            }
            #expect(try store.totals() == InventoryTotals(issued: 2, revoked: 1))
        },
        named("a compromised key is remembered, however often it is told") { store in
            #expect(try store.compromisedKeys().isEmpty)
            let (first, second) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
            try store.make(.compromiseKey(digest: first), .compromiseKey(digest: first))
            try store.make(.compromiseKey(digest: second))
            try store.make(.compromiseKey(digest: first))
            #expect(try Set(store.compromisedKeys()) == [first, second] && store.compromisedKeys().count == 2)
            #expect(store.rejection(of: .compromiseKey(digest: [3]), Self.revoke(9, .keyCompromise)) == .unknownSerial)
            #expect(try store.compromisedKeys().count == 2)
        },
        named("the certificates of one key are found, whoever has them") { store in
            var (first, second, other) = (
                CertificateRecord.numbered(1), CertificateRecord.numbered(2, service: "billing"),
                CertificateRecord.numbered(3)
            )
            let key: [UInt8] = [0x30, 3, 1, 2, 3]
            (first.der, second.der, other.der) = ([9, 9] + key, key + [8], [0x30, 3, 1, 2, 4])
            try store.make(.issue(first), .issue(second), .issue(other))
            var query = CertificateQuery(now: 0)
            query.publicKey = key
            #expect(try store.allCertificates(query) == [second, first])
            query.service = "orders"
            #expect(try store.allCertificates(query) == [first])
            query.state = .held
            #expect(try store.allCertificates(query).isEmpty)
            try store.make(Self.revoke(1, .certificateHold), Self.revoke(3, .certificateHold))
            #expect(try store.allCertificates(query).map(\.serial) == [first.serial])
        },
        named("a hold can be released or made final, nothing else can") { store in
            try store.make(.issue(.numbered(1)), .issue(.numbered(2)))
            #expect(store.rejection(of: Self.revoke(1, .removeFromCRL)) == .notHeld)
            try store.make(Self.revoke(1, .certificateHold), Self.revoke(2, .certificateHold))
            #expect(store.rejection(of: Self.revoke(1, .certificateHold)) == .alreadyRevoked)
            #expect(try store.certificate(serial: CertificateRecord.serial(1))?.state(at: 0) == .held)
            try store.make(Self.revoke(1, .removeFromCRL))
            try store.make(Self.revoke(2, .cessationOfOperation))
            #expect(try store.certificate(serial: CertificateRecord.serial(1)) == .numbered(1))
            let final = try store.certificate(serial: CertificateRecord.serial(2))?.revocation
            #expect(final?.reason == .cessationOfOperation)
            #expect(try store.revocations(endingFrom: 0).map(\.sequence) == [4])
            #expect(try store.revocationEvents(after: 0, limit: 10).map(\.sequence) == [1, 2, 3, 4])
            #expect(try store.revocationEvents(after: 1, limit: 2).map(\.sequence) == [2, 3])
            #expect(try store.revocationEvents(after: 4, limit: 2).isEmpty)
            #expect(try store.totals() == InventoryTotals(issued: 2, revoked: 2))
        },
        named("list numbers rise, for each issuer by itself") { store in
            #expect(try store.revocationListNumber(issuerKeyID: "aa") == 0)
            try store.make(.revocationListNumber(issuerKeyID: "aa", number: 5))
            try store.make(.revocationListNumber(issuerKeyID: "bb", number: 1))
            for number in [5, 4, 0, -1] as [Int64] {
                let change = StoreChange.revocationListNumber(issuerKeyID: "aa", number: number)
                #expect(store.rejection(of: change) == .numberNotAbove)
            }
            try store.make(.revocationListNumber(issuerKeyID: "aa", number: 6))
            #expect(try store.revocationListNumber(issuerKeyID: "aa") == 6)
            #expect(try store.revocationListNumber(issuerKeyID: "bb") == 1)
        },
    ]

    static func revoke(_ number: Int, _ reason: RevocationReason) -> StoreChange {
        .revoke(serial: CertificateRecord.serial(number), reason: reason, date: 1_500, actor: "admin")
    }
}
