extension InfrastructureParameters {
    /// A command line of redis-cli.
    var redisCommand: String {
        var words = ["redis-cli", "-h", host, "-p", String(port), "--tls"]
        // A server name is a name, never an address (RFC 6066 section 3).
        if !Self.isAddress(host) { words += ["--sni", host] }
        words += ["--cacert", identity.authorities, "--cert", identity.certificate, "--key", identity.key]
        if let user = arguments.user { words += ["--user", user] }
        if let database = arguments.database { words += ["-n", database] }
        return words.map(Shell.quoted).joined(separator: " ")
    }

    /// A URL of redis-py.
    var redisURL: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : InfrastructureQuoting.url(self.host)
        let user = arguments.user.map { "\(InfrastructureQuoting.url($0))@" } ?? ""
        let options = [
            ("ssl_cert_reqs", "required"), ("ssl_check_hostname", "true"), ("ssl_ca_certs", identity.authorities),
            ("ssl_certfile", identity.certificate), ("ssl_keyfile", identity.key),
        ]
        let query = options.map { "\($0.0)=\(InfrastructureQuoting.urlQuery($0.1))" }.joined(separator: "&")
        let database = arguments.database.map { InfrastructureQuoting.url($0) } ?? "0"
        return "rediss://\(user)\(host):\(port)/\(database)?\(query)"
    }

    /// Lines of `redis.conf`.
    var redisConf: String {
        let options = [
            ("port", "0"),
            ("tls-port", String(port)),
            ("tls-cert-file", InfrastructureQuoting.redis(identity.certificate)),
            ("tls-key-file", InfrastructureQuoting.redis(identity.key)),
            ("tls-ca-cert-file", InfrastructureQuoting.redis(identity.authorities)),
            ("tls-auth-clients", "yes"),
            ("tls-protocols", InfrastructureQuoting.redis("TLSv1.2 TLSv1.3")),
        ]
        return comment("#") + "# Redis looks at no revocation list: a revoked client is let in until it expires\n"
            + options.map { "\($0.0) \($0.1)\n" }.joined()
    }

    /// A section of HAProxy's configuration.
    var haproxyCfg: String {
        var bind = "bind :\(port) ssl crt \(InfrastructureQuoting.haproxy(identity.combined))"
        bind += " ca-file \(InfrastructureQuoting.haproxy(identity.authorities))"
        if let path = identity.revocationLists { bind += " crl-file \(InfrastructureQuoting.haproxy(path))" }
        bind += " verify required ssl-min-ver TLSv1.2"
        return comment("#") + """
            listen \(identity.service)
                mode tcp
                \(bind)
                server redis \(InfrastructureQuoting.haproxy(arguments.host ?? "unix@/run/redis/redis.sock"))

            """
    }

    private static func isAddress(_ host: String) -> Bool {
        host.contains(":") || host.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
    }
}
