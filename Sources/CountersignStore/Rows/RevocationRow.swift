import CountersignIssuance
import CountersignPKI
import GRDB

extension RevocationEvent {
    /// The columns of the table `revocation_events` without the actor.
    static let columns = "sequence, serial, issuer_key_id, date, reason, not_after"

    /// The values of ``columns``.
    var values: [DatabaseValue] {
        [
            self.sequence.databaseValue, HexadecimalColumn.value(self.serial),
            HexadecimalColumn.value(self.issuerKeyID), self.date.databaseValue,
            Int64(self.reason.rawValue).databaseValue, self.notAfter.databaseValue,
        ]
    }

    /// Reads a row of ``columns``.
    init(row: Row) throws(StoreError) {
        var reader = ColumnReader(row, table: "revocation_events")
        let sequence = try reader.integer()
        let (serial, issuerKeyID) = (try reader.hexadecimal(), try reader.hexadecimal())
        let date = try reader.integer()
        guard let reason = try reader.optionalReason() else { throw ColumnReader.damaged("revocation_events") }
        self.init(
            sequence: sequence,
            serial: serial,
            issuerKeyID: issuerKeyID,
            date: date,
            reason: reason,
            notAfter: try reader.integer()
        )
    }
}
