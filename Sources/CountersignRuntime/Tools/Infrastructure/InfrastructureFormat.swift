import CountersignPKI

/// In whose words `countersign infra params` says how an identity is used.
package enum InfrastructureFormat: String, CaseIterable, Sendable {
    /// A command line of psql.
    case psql
    /// A connection URI of libpq.
    case libpqURL = "libpq-url"
    /// Environment variables of libpq, for a shell.
    case libpqEnvironment = "libpq-env"
    /// A command line of redis-cli.
    case redisCLI = "redis-cli"
    /// A URL of redis-py.
    case redisURL = "redis-url"
    /// Lines of a PostgreSQL server's configuration.
    case postgresqlConf = "postgresql.conf"
    /// A line that lets a client into PostgreSQL.
    case pgHBAConf = "pg_hba.conf"
    /// A line that says which role of PostgreSQL a client is.
    case pgIdentConf = "pg_ident.conf"
    /// Lines of a Redis server's configuration.
    case redisConf = "redis.conf"
    /// A section of HAProxy that ends TLS before a Redis server, and looks at revocation lists.
    case haproxyCfg = "haproxy.cfg"
    /// Swift code for swift-nio-ssl.
    case swift

    /// Whether it makes a connection, and so has to know where to.
    var isClient: Bool {
        switch self {
        case .psql, .libpqURL, .libpqEnvironment, .redisCLI, .redisURL, .swift: true
        default: false
        }
    }

    /// The port where nothing is said.
    var standardPort: Int {
        switch self {
        case .redisCLI, .redisURL, .redisConf, .haproxyCfg: 6379
        default: 5432
        }
    }

    /// What the certificate has to be good for.
    var purpose: VerificationPurpose {
        switch self {
        case .postgresqlConf, .redisConf, .haproxyCfg: .server
        default: .client
        }
    }

    /// Whether the program reads certificate and key from one file.
    var readsOneFile: Bool { self == .haproxyCfg || self == .swift }

    /// Who may read the private key for the program to take it.
    var keyRule: InfrastructureKey.Rule {
        switch self {
        case .psql, .libpqURL, .libpqEnvironment, .postgresqlConf: .postgresql
        default: .ownerAndGroup
        }
    }

    /// Whether the program looks at the revocation lists that it is told of, and then needs one of every authority.
    var needsWholeLists: Bool {
        switch self {
        case .psql, .libpqURL, .libpqEnvironment, .postgresqlConf, .haproxyCfg: true
        default: false
        }
    }
}
