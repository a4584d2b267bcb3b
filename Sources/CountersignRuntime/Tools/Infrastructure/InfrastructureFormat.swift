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
        case .psql, .libpqURL, .libpqEnvironment, .redisCLI, .redisURL: true
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
}
