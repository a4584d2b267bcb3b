import CountersignIssuance
import FoundationEssentials
import GRDB

/// The counters of the store, and how far it is in its log: one row, written with each group.
struct StoreState: Sendable {
    /// The sequence of the newest revocation event.
    var revocationSequence: Int64
    /// No revocation list has had a number above this one and above the one stored for its issuer.
    var listNumberFloor: Int64
    /// The sequence of the newest line of the audit trail.
    var auditSequence: Int64
    /// How many certificates were recorded, ever; also the newest one's row id, for they are numbered without gaps.
    var issued: Int64
    /// How many certificates were revoked or held, ever.
    var revoked: Int64
    /// The row id up to which certificates are found through the table `serials`.
    var indexed: Int64
    /// The identifier of the log that belongs to the database; nil for a new database.
    var logIdentifier: [UInt8]?
    /// Up to where the database holds what the log does.
    var position: LogPosition

    /// Reads the row.
    static func read(_ db: Database) throws(StoreError) -> StoreState {
        let row = try databaseCall { try Row.fetchOne(db, sql: "SELECT \(Self.columns) FROM store_state") }
        guard let row else { throw ColumnReader.damaged("store_state") }
        var reader = ColumnReader(row, table: "store_state")
        return StoreState(
            revocationSequence: try reader.integer(),
            listNumberFloor: try reader.integer(),
            auditSequence: try reader.integer(),
            issued: try reader.integer(),
            revoked: try reader.integer(),
            indexed: try reader.integer(),
            logIdentifier: try reader.optionalBytes(),
            position: LogPosition(
                offset: try reader.integer(),
                frame: try reader.integer(),
                hash: try reader.optionalBytes() ?? []
            )
        )
    }

    /// The row's values, in the order of ``columns``.
    var values: [DatabaseValue] {
        [
            self.revocationSequence.databaseValue, self.listNumberFloor.databaseValue,
            self.auditSequence.databaseValue, self.issued.databaseValue, self.revoked.databaseValue,
            self.indexed.databaseValue,
            self.logIdentifier.map { Data($0).databaseValue } ?? .null, self.position.offset.databaseValue,
            self.position.frame.databaseValue, Data(self.position.hash).databaseValue,
        ]
    }

    /// The row's columns.
    static let columns = """
        revocation_sequence, list_number_floor, audit_sequence, issued, revoked, indexed, log_id, log_offset, log_frame,
        log_hash
        """
}
