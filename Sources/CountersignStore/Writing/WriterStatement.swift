import CountersignIssuance

/// The statements of the writing connection, prepared once.
enum WriterStatement: Int, CaseIterable {
    case begin
    case commit
    case rollback
    case savepoint
    case rollbackToSavepoint
    case release
    case insertCertificate
    case insertChain
    case putChainEnd
    case insertRevocationEvent
    case putRevocation
    case removeRevocation
    case putCompromisedKey
    case putRevocationListNumber
    case putService
    case removeService
    case addToken
    case useToken
    case removeToken
    case putAgent
    case removeAgent
    case putRotation
    case appendAudit
    case writeState
    case indexSerial
    case findSerial
    case findChain
    case findCertificate
    case findRevocationListNumber
    case findToken

    /// The statement's text.
    var sql: String {
        switch self {
        case .begin: "BEGIN IMMEDIATE"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .savepoint: "SAVEPOINT one"
        case .rollbackToSavepoint: "ROLLBACK TO one"
        case .release: "RELEASE one"
        case .insertCertificate:
            """
            INSERT INTO certificates (\(CertificateRecord.columns), id, previous_of_service, previous_of_spiffe_id)
            VALUES (\(Self.places(CertificateRecord.columnCount + 3)))
            """
        case .insertChain: "INSERT INTO chains (kind, name) VALUES (?, ?)"
        case .putChainEnd: "INSERT OR REPLACE INTO chain_ends (chain, newest) VALUES (?, ?)"
        case .insertRevocationEvent:
            "INSERT INTO revocation_events (\(RevocationEvent.columns), actor) VALUES (\(Self.places(7)))"
        case .putRevocation:
            "INSERT OR REPLACE INTO revocations (certificate, sequence) VALUES (?, ?)"
        case .removeRevocation: "DELETE FROM revocations WHERE certificate = ?"
        case .putCompromisedKey: "INSERT OR IGNORE INTO compromised_keys (digest) VALUES (?)"
        case .putRevocationListNumber: "INSERT OR REPLACE INTO revocation_lists (issuer_key_id, number) VALUES (?, ?)"
        case .putService:
            "INSERT OR REPLACE INTO services (\(ServiceRegistration.columns)) VALUES (\(Self.places(ServiceRegistration.columnCount)))"
        case .removeService: "DELETE FROM services WHERE name = ?"
        case .addToken:
            // One that admits nobody any more does not keep its name.
            """
            INSERT INTO tokens (\(AccessToken.columns)) VALUES (\(Self.places(9)))
            ON CONFLICT (name) DO UPDATE SET
            (\(AccessToken.columns)) = (\(Self.excluded(AccessToken.columns)))
            WHERE used_at IS NOT NULL OR expires_at < excluded.created_at ON CONFLICT DO NOTHING
            """
        case .useToken: "UPDATE tokens SET used_at = ? WHERE digest = ?"
        case .removeToken: "DELETE FROM tokens WHERE name = ?"
        case .putAgent: "INSERT OR REPLACE INTO agents (\(AgentRegistration.columns)) VALUES (\(Self.places(3)))"
        case .removeAgent: "DELETE FROM agents WHERE name = ?"
        case .putRotation: "INSERT OR REPLACE INTO rotations (service, requested_at) VALUES (?, ?)"
        case .appendAudit: "INSERT INTO audit (\(AuditRecord.columns)) VALUES (\(Self.places(8)))"
        case .writeState: "UPDATE store_state SET (\(StoreState.columns)) = (\(Self.places(10)))"
        case .indexSerial: "INSERT OR IGNORE INTO serials (serial, certificate) VALUES (?, ?)"
        case .findSerial: "SELECT certificate FROM serials WHERE serial = ?"
        case .findChain:
            "SELECT chain, newest FROM chains JOIN chain_ends ON chain = chains.id WHERE kind = ? AND name = ?"
        case .findCertificate:
            """
            SELECT c.issuer_key_id, c.not_after, e.reason, c.id FROM certificates AS c
            \(CertificateRecord.revocationJoin) WHERE c.id = \(CertificateRecord.idOfSerial)
            """
        case .findRevocationListNumber: "SELECT number FROM revocation_lists WHERE issuer_key_id = ?"
        case .findToken: "SELECT \(AccessToken.columns) FROM tokens WHERE digest = ?"
        }
    }

    /// The columns of the row that met one that is there.
    private static func excluded(_ columns: String) -> String {
        columns.split(separator: ", ").map { "excluded.\($0)" }.joined(separator: ", ")
    }

    private static func places(_ count: Int) -> String {
        (1...count).map { "?\($0)" }.joined(separator: ", ")
    }
}
