import CountersignIdentity

/// What tells load balancers and operators how the router is, as a GoRouter does: the section `router.status`.
package struct StatusSection: Sendable {
    /// Where `/health` is answered; nil for nowhere.
    package var listen: ListenAddress?

    /// Where `/health` is answered over TLS, with the router's first certificate; nil for nowhere.
    package var listenTLS: ListenAddress?

    /// Where `/routes` is answered, on loopback; nil for nowhere.
    package var listenRoutes: ListenAddress?

    /// Who may ask for the routes.
    package var user = ""

    /// The user's password; set wherever ``listenRoutes`` is.
    package var password: SecretReference?

    /// Where the section stands in the file.
    package var place = ConfigurationPlace.section("router.status")

    /// The section's defaults, which listen nowhere.
    package init() {}
}

extension StatusSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `listen`, `listen_tls` (IP address and port, default none)
    /// - `listen_routes` (IP address and port, on loopback; default none)
    /// - `user` (text), `pass` or `pass_file` (secret); required with `listen_routes`
    static func read(_ value: ValueReader) -> StatusSection? {
        value.mapping("the keys of \"status\"") { reader in
            var section = StatusSection()
            section.place = reader.place
            section.listen = address("listen", reader)
            section.listenTLS = address("listen_tls", reader)
            section.listenRoutes = address("listen_routes", reader)
            if let address = section.listenRoutes, !address.address.isLoopback {
                reader.value("listen_routes")?
                    .fail(
                        "the routes of a router are told on its own host only; take an address such as 127.0.0.1:8082"
                    )
            }
            section.user = reader.value("user")?.text() ?? ""
            section.password = reader.secret("pass")
            section.checkCredentials(reader)
            return section
        }
    }

    private static func address(_ key: String, _ reader: MappingReader) -> ListenAddress? {
        reader.value(key)?.parsed("an address", ListenAddress.init(parsing:))
    }

    private func checkCredentials(_ reader: MappingReader) {
        let value = reader.value("listen_routes")
        if listenRoutes != nil, user.isEmpty || password == nil {
            value?.fail("the routes are told to nobody unknown; say who may ask with user, and pass or pass_file")
        }
        if case .value(let secret) = password?.source, secret.isEmpty {
            reader.value("pass")?.fail("the password is empty, which anybody guesses")
        }
        if user.contains(":") {
            reader.value("user")?.fail("a user of HTTP's basic authentication has no colon (RFC 7617)")
        }
    }
}
