import CountersignIssuance
import CountersignPKI
import CountersignStore
import CountersignTesting
import GRDB
import Testing

/// Serial numbers are found, and refused a second time, wherever they are on their way to the index.
@Suite struct SerialIndexTests {
    @Test func `every serial number is found and refused again, also after a restart in the midst of a batch`() throws {
        let folder = try StoreFolder()
        var generator = SeededGenerator(seed: 47)
        var serials: [String] = []
        for _ in 0..<6 {
            let store = try folder.open { $0.indexBatch = 50 }
            for _ in 0..<40 {
                let group = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                    let length = Int.random(in: 6...25, using: &generator)
                    return Self.record(UInt64.random(in: 0...(.max), using: &generator), length: length)
                }
                try store.commit(StoreTransaction(group.map { .issue($0) }))
                serials += group.map(\.serial)
                let known = try #require(serials.randomElement(using: &generator))
                var repeated = Self.record(0, length: 1)
                repeated.serial = known
                let fresh = Self.record(UInt64.random(in: 0...(.max), using: &generator), length: 30)
                #expect(store.rejection(of: .issue(fresh), .issue(repeated)) == .serialRepeated)
                #expect(try store.certificate(serial: fresh.serial) == nil)
            }
            for serial in serials {
                #expect(try store.certificate(serial: serial)?.serial == serial)
            }
            #expect(try store.totals().issued == Int64(serials.count))
            store.close()
        }
        let indexed = try DatabaseQueue(path: folder.database).read { db in
            try Int.fetchOne(db, sql: "SELECT count(*) FROM serials")
        }
        #expect(try #require(indexed) > serials.count / 2)
    }

    @Test func `certificates are revoked wherever their serial number is`() throws {
        let folder = try StoreFolder()
        let store = try folder.open { $0.indexBatch = 10 }
        for number in 0..<100 { try store.make(.issue(.numbered(number))) }
        for number in 0..<100 {
            let serial = CertificateRecord.serial(number)
            try store.make(.revoke(serial: serial, reason: .superseded, date: 1_500, actor: "admin"))
            #expect(try store.certificate(serial: serial)?.revocation?.reason == .superseded)
        }
        #expect(try store.revocations(endingFrom: 0).map(\.serial) == (0..<100).map(CertificateRecord.serial))
        store.close()
    }

    private static func record(_ number: UInt64, length: Int) -> CertificateRecord {
        var record = CertificateRecord.numbered(1)
        let digits = String(number, radix: 16)
        let hexadecimal = String(repeating: "0", count: 16 - digits.count) + digits
        record.serial = String(repeating: hexadecimal, count: 4).suffix(length * 2).description
        return record
    }
}
