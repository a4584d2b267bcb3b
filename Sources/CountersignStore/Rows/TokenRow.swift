import CountersignIssuance
import GRDB

extension AccessToken {
    /// The columns of the table `tokens`.
    static let columns = "name, digest, role, agent, services, created_at, expires_at, used_at, creator"

    /// The values of ``columns``.
    var values: [DatabaseValue] {
        var role = DatabaseValue.null
        var (agent, services) = (DatabaseValue.null, DatabaseValue.null)
        switch self.kind {
        case .bearer(let admitted): role = admitted.rawValue.databaseValue
        case .join(let name, let admitted): (agent, services) = (name.databaseValue, TextListColumn.value(admitted))
        }
        return [
            self.name.databaseValue, HexadecimalColumn.value(self.digest), role, agent, services,
            self.createdAt.databaseValue, self.expiresAt?.databaseValue ?? .null, self.usedAt?.databaseValue ?? .null,
            self.creator.databaseValue,
        ]
    }

    /// Reads a row of ``columns``.
    init(row: Row) throws(StoreError) {
        var reader = ColumnReader(row, table: "tokens")
        let damaged = ColumnReader.damaged("tokens")
        let (name, digest) = (try reader.text(), try reader.hexadecimal())
        let role = try reader.optionalText()
        let (agent, services) = (try reader.optionalText(), try reader.optionalText())
        let kind: Kind
        if let role {
            guard let role = AdminRole(rawValue: role) else { throw damaged }
            kind = .bearer(role)
        } else {
            guard let agent, let services = services.flatMap(TextListColumn.list) else { throw damaged }
            kind = .join(agent: agent, services: services)
        }
        self.init(
            name: name,
            kind: kind,
            digest: digest,
            createdAt: try reader.integer(),
            expiresAt: try reader.optionalInteger(),
            usedAt: try reader.optionalInteger(),
            creator: try reader.text()
        )
    }
}
