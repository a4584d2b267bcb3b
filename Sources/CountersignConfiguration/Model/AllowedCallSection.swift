package import CountersignIdentity
package import CountersignRouting

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

    /// The paths; empty for any.
    package var paths: [CallPath] = []
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
                for problem in section.methods.compactMap(Self.problem(ofMethod:)) { methods.fail(problem) }
            }
            section.paths = reader.value("paths")?.commaSeparatedPaths(CallPath.init(parsing:)) ?? []
            return section
        }
    }
}

extension AllowedCallSection {
    /// What is wrong with a method; nil for one in upper case, as those of requests are.
    package static func problem(ofMethod method: String) -> String? {
        guard method.isEmpty || !method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else { return nil }
        return "expected methods such as GET, found \(IdentityError.excerpt(of: method))"
    }
}

extension ValueReader {
    /// Returns what `parse` makes of each path of a list.
    func commaSeparatedPaths<Path>(_ parse: (String) throws(RoutingError) -> Path) -> [Path] {
        var paths: [Path] = []
        for text in commaSeparated(of: "paths") ?? [] {
            do throws(RoutingError) {
                paths.append(try parse(text))
            } catch {
                fail(error.message)
            }
        }
        return paths
    }
}
