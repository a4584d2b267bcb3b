package import CountersignIdentity

/// A call that services may make: an element of `service_allow_list`.
package struct AllowedCallSection: Sendable {
    /// Who calls: a service as `name` or `namespace/name`, a SPIFFE ID with or without wildcards, or an ARN.
    package var caller: String

    /// Where ``caller`` stands in the file.
    package var callerPlace: ConfigurationPlace

    /// The host that is called; nil for any.
    package var host: HostPattern?

    /// The methods; empty for any.
    package var methods: [String] = []

    /// The paths, whole or with `/*` at their end; empty for any.
    package var paths: [String] = []
}

extension AllowedCallSection {
    /// Reads an element.
    ///
    /// ## Configuration keys
    /// - `from` (text, required)
    /// - `to` (host name, or `*.` and a host name; default any)
    /// - `methods` (list of methods, or methods between commas; default any)
    /// - `paths` (list of paths, or paths between commas; default any)
    static func read(_ value: ValueReader) -> AllowedCallSection? {
        value.mapping("a call such as { from: orders, to: users.internal }") { reader -> AllowedCallSection? in
            guard let from = reader.required("from", "the service that calls") else { return nil }
            var section = AllowedCallSection(caller: from.text() ?? "", callerPlace: from.place)
            section.host = reader.value("to")?.parsed("a host name", HostPattern.init(parsing:))
            if let methods = reader.value("methods") {
                section.methods = methods.commaSeparated(of: "methods") ?? []
                for method in section.methods where !method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
                    methods.fail("expected methods such as GET, found \(IdentityError.excerpt(of: method))")
                }
            }
            if let paths = reader.value("paths") {
                section.paths = paths.commaSeparated(of: "paths") ?? []
                for path in section.paths where !isPath(path) {
                    paths.fail(
                        "expected a path such as /v1/users, or /v1/* for everything below, found "
                            + IdentityError.excerpt(of: path)
                    )
                }
            }
            return section
        }
    }

    private static func isPath(_ path: String) -> Bool {
        let stem = path.hasSuffix("/*") ? path.dropLast(1) : path[...]
        guard stem.hasPrefix("/"), !stem.contains("//"), !stem.contains("/.") else { return false }
        return stem.utf8.allSatisfy { byte in
            (0x21...0x7E).contains(byte) && !"*?#;%\\".utf8.contains(byte)
        }
    }
}
