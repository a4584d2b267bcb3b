import CountersignIdentity
import CountersignIssuance
import GRDB

extension ServiceRegistration {
    /// The columns of the table `services`.
    static let columns = """
        name, namespace, spiffe_id, profile, dns_names, addresses, cf_app, cf_space, cf_organization, owner, labels, origin,
        audiences, roles, scopes
        """

    /// How many columns there are.
    static let columnCount = 15

    /// The values of ``columns``.
    var values: [DatabaseValue] {
        [
            self.name.databaseValue, self.namespace.databaseValue, "\(self.spiffeID)".databaseValue,
            self.profile.databaseValue, TextListColumn.value(self.dnsNames),
            TextListColumn.value(self.addresses.map { "\($0)" }), Self.value(self.cloudFoundry?.app),
            Self.value(self.cloudFoundry?.space), Self.value(self.cloudFoundry?.organization),
            self.owner?.databaseValue ?? .null, TextListColumn.value(self.labels), self.origin.rawValue.databaseValue,
            TextListColumn.value(self.tokens.audiences), TextListColumn.value(self.tokens.roles),
            TextListColumn.value(self.tokens.scopes),
        ]
    }

    private static func value(_ guid: CloudFoundryGUID?) -> DatabaseValue {
        guid.map { "\($0)".databaseValue } ?? .null
    }

    /// Reads a row of ``columns``.
    init(row: Row) throws(StoreError) {
        var reader = ColumnReader(row, table: "services")
        let damaged = ColumnReader.damaged("services")
        let (name, namespace) = (try reader.text(), try reader.text())
        guard let spiffeID = try reader.optional({ try SPIFFEID(parsing: $0) }) else { throw damaged }
        let (profile, dnsNames) = (try reader.text(), try reader.list())
        let addresses = try reader.list().map { text throws(StoreError) in
            guard let address = try? IPAddress(parsing: text) else { throw damaged }
            return address
        }
        let app = try reader.optional { try CloudFoundryGUID(parsing: $0) }
        let space = try reader.optional { try CloudFoundryGUID(parsing: $0) }
        let organization = try reader.optional { try CloudFoundryGUID(parsing: $0) }
        let owner = try reader.optionalText()
        guard let labels = TextListColumn.dictionary(try reader.text()) else { throw damaged }
        let origin = try reader.member(of: Origin.self)
        let tokens = TokenGrant(
            audiences: try reader.optionalList() ?? [],
            roles: try reader.optionalList() ?? [],
            scopes: try reader.optionalList() ?? []
        )
        self.init(
            name: name,
            namespace: namespace,
            spiffeID: spiffeID,
            profile: profile,
            dnsNames: dnsNames,
            addresses: addresses,
            cloudFoundry: app.map { CloudFoundryIdentity(app: $0, space: space, organization: organization) },
            owner: owner,
            labels: labels,
            tokens: tokens,
            origin: origin
        )
    }
}
