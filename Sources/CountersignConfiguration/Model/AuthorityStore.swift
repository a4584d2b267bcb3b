/// Where the authority keeps certificates, services and audit records: the section `authority.store`.
package enum AuthorityStore: Sendable {
    /// A database file of this process alone, and whether a new one is made where there is none.
    case sqlite(path: String, create: Bool)

    /// A PostgreSQL database that several authorities share; the URL can hold a password.
    case postgres(SecretReference)
}

extension AuthorityStore {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `sqlite` (path), or `postgres` or `postgres_file` (`postgresql://` URL); one of them
    /// - `create` (boolean, default false, with `sqlite` alone)
    static func read(_ value: ValueReader) -> AuthorityStore? {
        value.mapping("\"sqlite\" or \"postgres\"") { reader in
            let path = reader.value("sqlite")
            let url = reader.secret("postgres")
            let create = reader.boolean("create", default: false)
            switch (path, url) {
            case (let path?, nil):
                return path.path().map { .sqlite(path: $0, create: create) }
            case (nil, let url?):
                return checked(url, reader)
            case (_?, let url?):
                reader.context.diagnostics.error("sqlite and postgres exclude each other", at: url.place)
                return nil
            case (nil, nil):
                if !reader.has("postgres"), !reader.has("postgres_file") {
                    reader.reportMissing("sqlite", "give sqlite with a path, or postgres with a URL")
                }
                return nil
            }
        }
    }

    private static func checked(_ url: SecretReference, _ reader: MappingReader) -> AuthorityStore? {
        if case .value(let secret) = url.source {
            let text = secret.reveal()
            guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") else {
                reader.context.diagnostics.error("expected a URL that begins with postgresql://", at: url.place)
                return nil
            }
        }
        return .postgres(url)
    }
}
