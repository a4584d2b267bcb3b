import CountersignIssuance
import CountersignPKI
import FoundationEssentials
import GRDB

/// Finds a page of certificates, beginning below a row id, without reading what earlier pages hold.
struct CertificateSearch {
    private let query: CertificateQuery
    private let limit: Int

    init(_ query: CertificateQuery) {
        self.query = query
        self.limit = min(max(query.limit, 1), 1000)
    }

    /// The page.
    func page(_ db: Database) throws -> Page<CertificateRecord> {
        let source = try self.source(db)
        let (conditions, values) = self.conditions(beginning: source.rowID)
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let sql = """
            \(source.prefix) SELECT \(CertificateRecord.selection) FROM \(source.tables) \(filter)
            \(source.isOrdered ? "" : "ORDER BY \(source.rowID) DESC") LIMIT \(self.limit + 1)
            """
        return try self.read(db, sql, source.values + values)
    }

    private func read(_ db: Database, _ sql: String, _ values: [DatabaseValue]) throws -> Page<CertificateRecord> {
        let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: StatementArguments(values))
        var page = Page<CertificateRecord>(elements: [], next: nil)
        var lastID: Int64?
        while let row = try rows.next() {
            guard page.elements.count < self.limit else {
                page.next = lastID
                break
            }
            page.elements.append(try CertificateRecord(row: row))
            var reader = ColumnReader(row, table: "certificates", from: CertificateRecord.idColumn)
            lastID = try reader.integer()
        }
        return page
    }

    private func conditions(beginning rowID: String) -> ([String], [DatabaseValue]) {
        var conditions: [String] = []
        var values: [DatabaseValue] = []
        func require(_ condition: String, _ value: DatabaseValue) {
            conditions.append(condition)
            values.append(value)
        }
        if let service = self.query.service { require("c.service = ?", service.databaseValue) }
        if let id = self.query.spiffeID { require("c.spiffe_id = ?", id.databaseValue) }
        if let end = self.query.endsBefore { require("c.not_after < ?", end.databaseValue) }
        let hold = Int64(RevocationReason.certificateHold.rawValue).databaseValue
        switch self.query.state {
        case nil: break
        case .active: require("r.sequence IS NULL AND c.not_after >= ?", self.query.now.databaseValue)
        case .expired: require("r.sequence IS NULL AND c.not_after < ?", self.query.now.databaseValue)
        case .revoked: require("e.reason <> ?", hold)
        case .held: require("e.reason = ?", hold)
        }
        // Last of those that read a certificate: it goes through the whole encoding.
        if let key = self.query.publicKey { require("instr(c.der, ?) > 0", Data(key).databaseValue) }
        if let cursor = self.query.cursor { require("\(rowID) < ?", cursor.databaseValue) }
        return (conditions, values)
    }

    /// What a search reads from, the leading table first: it decides how much is read.
    private struct Source {
        var prefix = ""
        var tables: String
        var values: [DatabaseValue] = []
        var rowID = "c.id"
        var isOrdered = false
    }

    private func source(_ db: Database) throws -> Source {
        if self.query.state == .revoked || self.query.state == .held {
            let tables = """
                revocations AS r CROSS JOIN revocation_events AS e ON e.sequence = r.sequence
                CROSS JOIN certificates AS c ON c.id = r.certificate
                """
            return Source(tables: tables, rowID: "r.certificate")
        }
        if let service = self.query.service { return try self.chain(.service, service, db) }
        if let spiffeID = self.query.spiffeID { return try self.chain(.spiffeID, spiffeID, db) }
        let index = try self.isNarrow(db) ? "INDEXED BY certificates_not_after" : "NOT INDEXED"
        return Source(tables: "certificates AS c \(index) \(CertificateRecord.revocationJoin)")
    }

    /// The certificates of one chain, from the newest on, or from the one behind the cursor.
    private func chain(_ kind: CertificateChainKind, _ name: String, _ db: Database) throws -> Source {
        let previous = "previous_of_\(kind.rawValue)"
        let tables = """
            chain CROSS JOIN certificates AS c ON c.id = chain.id \(CertificateRecord.revocationJoin)
            """
        func source(_ start: String, _ values: [DatabaseValue]) -> Source {
            let prefix = """
                WITH RECURSIVE chain (id) AS (\(start) UNION ALL
                SELECT c.\(previous) FROM chain JOIN certificates AS c ON c.id = chain.id
                WHERE c.\(previous) IS NOT NULL)
                """
            return Source(prefix: prefix, tables: tables, values: values, isOrdered: true)
        }
        if let cursor = self.query.cursor {
            let sql = "SELECT coalesce(\(previous), 0) FROM certificates WHERE id = ? AND \(kind.rawValue) = ?"
            let found = try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [cursor, name])
            // A cursor of another query stands for a row that is not in the chain, which then is followed down to it.
            if let found { return source("SELECT ?", [found.databaseValue]) }
        }
        let newest = "SELECT newest FROM chains JOIN chain_ends ON chain = chains.id WHERE kind = ? AND name = ?"
        return source(newest, [kind.databaseValue, name.databaseValue])
    }

    /// Whether so few certificates end in the wanted range that sorting them costs less than passing over the others.
    private func isNarrow(_ db: Database) throws -> Bool {
        var lowest = Int64.min
        var end = self.query.endsBefore ?? .max
        if self.query.state == .active { lowest = self.query.now }
        if self.query.state == .expired { end = min(end, self.query.now) }
        guard lowest != .min || end != .max else { return false }
        let sql = """
            SELECT count(*) FROM
            (SELECT 1 FROM certificates WHERE not_after >= ? AND not_after < ? LIMIT \(Self.narrow + 1))
            """
        let found = try Int.fetchOne(db.cachedStatement(sql: sql), arguments: [lowest, end])
        return (found ?? 0) <= Self.narrow
    }

    private static let narrow = 5000
}
