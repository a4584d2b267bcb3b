import CountersignPKI
import Crypto
import FoundationEssentials
import GRDB

/// Finds the keys of certificates that were revoked because their keys are in other hands, for a database from before
/// such keys had a table of their own.
enum CompromisedKeyCollection {
    /// Puts them into their table.
    static func fill(_ db: Database) throws {
        let reasons = RevocationReason.allCases.filter(\.meansCompromise).map { "\($0.rawValue)" }.joined(
            separator: ", "
        )
        let sql = """
            SELECT c.der FROM revocations AS r JOIN revocation_events AS e ON e.sequence = r.sequence
            JOIN certificates AS c ON c.id = r.certificate WHERE e.reason IN (\(reasons))
            """
        let rows = try Data.fetchCursor(db, sql: sql)
        let statement = try db.makeStatement(sql: WriterStatement.putCompromisedKey.sql)
        while let der = try rows.next() {
            guard let certificate = try? ParsedCertificate(der: Array(der)) else { continue }
            let digest = Data(SHA256.hash(data: certificate.publicKey.derEncoded))
            try statement.execute(arguments: [digest])
        }
    }
}
