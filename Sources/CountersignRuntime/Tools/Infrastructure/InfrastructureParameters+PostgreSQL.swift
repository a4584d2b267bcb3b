extension InfrastructureParameters {
    /// A connection string of libpq.
    var conninfo: String {
        libpq.map { "\($0.name)=\(InfrastructureQuoting.conninfo($0.value))" }.joined(separator: " ")
    }

    /// A connection URI of libpq.
    var libpqURL: String {
        let place = InfrastructureQuoting.url(user)
        // An address of IPv6 stands in brackets (RFC 3986 section 3.2.2).
        let host = self.host.contains(":") ? "[\(self.host)]" : InfrastructureQuoting.url(self.host)
        let database = arguments.database.map { InfrastructureQuoting.url($0) } ?? ""
        let options = security.map { "\($0.name)=\(InfrastructureQuoting.urlQuery($0.value))" }.joined(separator: "&")
        return "postgresql://\(place)@\(host):\(port)/\(database)?\(options)"
    }

    /// Environment variables of libpq, for a shell.
    var libpqEnvironment: String {
        let names = [
            "host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "dbname": "PGDATABASE", "sslmode": "PGSSLMODE",
            "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslcrl": "PGSSLCRL",
        ]
        return libpq.compactMap { option in
            names[option.name].map { "export \($0)=\(Shell.quoted(option.value))\n" }
        }.joined()
    }

    /// Lines of `postgresql.conf`.
    var postgresqlConf: String {
        var options = [
            ("ssl", "on"),
            ("ssl_cert_file", InfrastructureQuoting.postgresql(identity.certificate)),
            ("ssl_key_file", InfrastructureQuoting.postgresql(identity.key)),
            ("ssl_ca_file", InfrastructureQuoting.postgresql(identity.authorities)),
        ]
        if let path = identity.revocationLists {
            options.append(("ssl_crl_file", InfrastructureQuoting.postgresql(path)))
        }
        options.append(("ssl_min_protocol_version", "'TLSv1.2'"))
        return comment("#") + options.map { "\($0.0) = \($0.1)\n" }.joined()
    }

    /// A line of `pg_hba.conf`.
    var pgHBAConf: String {
        let database = arguments.database.map { InfrastructureQuoting.hba($0) } ?? "all"
        let map = InfrastructureQuoting.hba("map=\(arguments.map)")
        return "hostssl \(database) \(InfrastructureQuoting.hba(user)) all cert \(map)\n"
    }

    /// A line of `pg_ident.conf`.
    var pgIdentConf: String {
        let words = [arguments.map, identity.commonName, user].map { InfrastructureQuoting.hba($0) }
        return words.joined(separator: " ") + "\n"
    }

    private var libpq: [(name: String, value: String)] {
        var options = [("host", host), ("port", String(port)), ("user", user)]
        if let database = arguments.database { options.append(("dbname", database)) }
        return options.map { (name: $0.0, value: $0.1) } + security
    }

    private var security: [(name: String, value: String)] {
        var options = [
            ("sslmode", "verify-full"), ("sslrootcert", identity.authorities), ("sslcert", identity.certificate),
            ("sslkey", identity.key),
        ]
        if let path = identity.revocationLists { options.append(("sslcrl", path)) }
        return options.map { (name: $0.0, value: $0.1) }
    }
}
