import CountersignIssuance
import GRDB
import Testing

@testable import CountersignStore

@Suite struct EntryWriterTests {
    @Test func `a certificate without all of its values is refused before anything is written`() throws {
        let folder = try StoreFolder()
        try folder.open().close()
        try DatabaseQueue(path: folder.database).write { db in
            let serials = SerialIndex(RecentSerials([:]), batch: 10)
            let writer = EntryWriter(connection: WriterConnection(db), serials: serials)
            var state = try StoreState.read(db)
            let values = CertificateRecord.numbered(1).values
            for count in 0..<values.count {
                let entry = LogEntry(kind: .certificate, values: Array(values.prefix(count)))
                let error = #expect(throws: StoreError.self) { try writer.write(entry, &state) }
                #expect(error?.code == .unavailable)
            }
            for table in ["certificates", "chains", "chain_ends"] {
                #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") == 0)
            }
            try writer.write(LogEntry(kind: .certificate, values: values), &state)
            #expect(state.issued == 1)
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM chain_ends") == 2)
        }
    }
}
