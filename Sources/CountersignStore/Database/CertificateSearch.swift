import CountersignIssuance
import CountersignPKI
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
        var (conditions, values) = self.conditions
        if let cursor = self.query.cursor {
            conditions.append("\(self.rowID) < ?")
            values.append(cursor.databaseValue)
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        let sql = """
            SELECT \(CertificateRecord.selection) FROM \(try self.source(db)) \(filter)
            ORDER BY \(self.rowID) DESC LIMIT \(self.limit + 1)
            """
        return try self.read(db, sql, values)
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

    private var isAboutRevoked: Bool { self.query.state == .revoked || self.query.state == .held }

    private var rowID: String { self.isAboutRevoked ? "r.certificate" : "c.id" }

    private var conditions: ([String], [DatabaseValue]) {
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
        return (conditions, values)
    }

    /// The tables, the leading one first: what leads decides how much is read.
    private func source(_ db: Database) throws -> String {
        if self.isAboutRevoked {
            return """
                revocations AS r CROSS JOIN revocation_events AS e ON e.sequence = r.sequence
                CROSS JOIN certificates AS c ON c.id = r.certificate
                """
        }
        let table =
            if self.query.service != nil {
                "certificates AS c INDEXED BY certificates_service"
            } else if self.query.spiffeID != nil {
                "certificates AS c INDEXED BY certificates_spiffe_id"
            } else if try self.isNarrow(db) {
                "certificates AS c INDEXED BY certificates_not_after"
            } else {
                "certificates AS c NOT INDEXED"
            }
        return "\(table) \(CertificateRecord.revocationJoin)"
    }

    /// Whether so few certificates end in the wanted range that sorting them costs less than passing over the others.
    private func isNarrow(_ db: Database) throws -> Bool {
        var (lowest, end) = (Int64.min, self.query.endsBefore ?? .max)
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
