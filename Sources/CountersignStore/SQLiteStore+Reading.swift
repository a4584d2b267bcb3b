package import CountersignIssuance
import CountersignPKI
import GRDB

extension SQLiteStore {
    package func certificate(serial: String) throws(StoreError) -> CertificateRecord? {
        let sql = """
            SELECT \(CertificateRecord.selection) FROM certificates AS c \(CertificateRecord.revocationJoin)
            WHERE c.id = \(CertificateRecord.idOfSerial)
            """
        let value = HexadecimalColumn.value(serial)
        // Asked first: what leaves the recent ones in between is in the table by then.
        let recent = self.recentSerials.id(of: SerialKey(value))?.databaseValue ?? .null
        return try self.first(sql, [recent, value], CertificateRecord.init(row:))
    }

    package func certificates(_ query: CertificateQuery) throws(StoreError) -> Page<CertificateRecord> {
        try self.read { db in try CertificateSearch(query).page(db) }
    }

    package func services() throws(StoreError) -> [ServiceRegistration] {
        let sql = "SELECT \(ServiceRegistration.columns) FROM services ORDER BY name"
        return try self.all(sql, [], ServiceRegistration.init(row:))
    }

    package func revocations(endingFrom time: Int64) throws(StoreError) -> [RevocationEvent] {
        let sql = """
            SELECT \(RevocationEvent.columns) FROM revocation_events WHERE not_after >= ?
            AND sequence IN (SELECT sequence FROM revocations) ORDER BY sequence
            """
        return try self.all(sql, [time.databaseValue], RevocationEvent.init(row:))
    }

    package func compromisedKeys() throws(StoreError) -> [[UInt8]] {
        try self.all("SELECT digest FROM compromised_keys", []) { row throws(StoreError) in
            var reader = ColumnReader(row, table: "compromised_keys")
            return try reader.bytes()
        }
    }

    package func revocationEvents(after sequence: Int64, limit: Int) throws(StoreError) -> [RevocationEvent] {
        let sql = """
            SELECT \(RevocationEvent.columns) FROM revocation_events WHERE sequence > ? ORDER BY sequence LIMIT ?
            """
        return try self.all(sql, [sequence.databaseValue, max(limit, 0).databaseValue], RevocationEvent.init(row:))
    }

    package func newestRevocation() throws(StoreError) -> Int64 {
        try self.read { db in try StoreState.read(db).revocationSequence }
    }

    package func revocationListNumber(issuerKeyID: String) throws(StoreError) -> Int64 {
        try self.read { db in
            let sql = "SELECT number FROM revocation_lists WHERE issuer_key_id = ?"
            let statement = try db.cachedStatement(sql: sql)
            let number = try Int64.fetchOne(statement, arguments: [HexadecimalColumn.value(issuerKeyID)])
            return max(number ?? 0, try StoreState.read(db).listNumberFloor)
        }
    }

    /// The identifier of the issuance log: a new log begins a new numbering.
    package func epoch() throws(StoreError) -> String {
        try self.read { db in
            Hexadecimal.text(of: try StoreState.read(db).logIdentifier ?? [])
        }
    }

    package func token(digest: String) throws(StoreError) -> AccessToken? {
        let sql = "SELECT \(AccessToken.columns) FROM tokens WHERE digest = ?"
        return try self.first(sql, [HexadecimalColumn.value(digest)], AccessToken.init(row:))
    }

    package func tokens() throws(StoreError) -> [AccessToken] {
        try self.all("SELECT \(AccessToken.columns) FROM tokens ORDER BY name", [], AccessToken.init(row:))
    }

    package func agents() throws(StoreError) -> [AgentRegistration] {
        try self.all("SELECT \(AgentRegistration.columns) FROM agents ORDER BY name", [], AgentRegistration.init(row:))
    }

    package func rotations() throws(StoreError) -> [String: Int64] {
        let requests = try self.all("SELECT service, requested_at FROM rotations", []) { row throws(StoreError) in
            var reader = ColumnReader(row, table: "rotations")
            return (try reader.text(), try reader.integer())
        }
        return Dictionary(requests) { _, last in last }
    }

    package func audit(_ query: AuditQuery) throws(StoreError) -> Page<AuditRecord> {
        // Readable in any condition: it tells what happened.
        try databaseCall { try self.pool.read { db in try AuditSearch(query).page(db) } }
    }

    package func totals() throws(StoreError) -> InventoryTotals {
        try databaseCall {
            try self.pool.read { db in
                let state = try StoreState.read(db)
                return InventoryTotals(issued: state.issued, revoked: state.revoked)
            }
        }
    }

    private func first<Value>(
        _ sql: String,
        _ values: [DatabaseValue],
        _ make: (Row) throws(StoreError) -> Value
    ) throws(StoreError) -> Value? {
        try self.read { db in
            let statement = try db.cachedStatement(sql: sql)
            return try Row.fetchOne(statement, arguments: StatementArguments(values)).map { row in try make(row) }
        }
    }

    private func all<Value>(
        _ sql: String,
        _ values: [DatabaseValue],
        _ make: (Row) throws(StoreError) -> Value
    ) throws(StoreError) -> [Value] {
        try self.read { db in
            let statement = try db.cachedStatement(sql: sql)
            let rows = try Row.fetchCursor(statement, arguments: StatementArguments(values))
            var found: [Value] = []
            while let row = try rows.next() {
                found.append(try make(row))
            }
            return found
        }
    }
}
