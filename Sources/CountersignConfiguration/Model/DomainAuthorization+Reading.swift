import CountersignIdentity
import CountersignPolicy

extension DomainAuthorization {
    private enum ModeName: String, CaseIterable {
        case cfIdentity = "cf_identity"
        case none
    }

    /// Reads the mapping `authorization` of a domain.
    ///
    /// ## Configuration keys
    /// - `mode` (`cf_identity` or `none`, required)
    /// - `enforcement` (`enforce` or `audit`, default `enforce`; `audit` is warned about)
    /// - `config` (mapping with `orgs` or `spaces`, optional; without it any authenticated caller passes)
    static func read(_ value: ValueReader) -> DomainAuthorization? {
        value.mapping("\"mode\" and optionally \"config\"") { reader in
            let mode: ModeName? = reader.required("mode", "cf_identity or none")?.choice()
            let enforcement: Enforcement = reader.choice("enforcement", default: .enforce)
            if enforcement == .audit {
                reader.value("enforcement")?.warn("calls that the policy denies are let through and reported")
            }
            let config = reader.value("config")
            let restriction = config.map { CallerRestriction.read($0) } ?? .anyAuthenticated
            if mode == ModeName.none {
                config?.fail("config needs mode: cf_identity")
                return .unrestricted(enforcement: enforcement)
            }
            guard mode != nil, let restriction else { return nil }
            return .cfIdentity(restriction, enforcement: enforcement)
        }
    }
}

extension CallerRestriction {
    /// Reads the mapping `config` of a domain's authorization.
    ///
    /// ## Configuration keys
    /// - `orgs` (list of GUIDs) or `spaces` (list of GUIDs), not both
    fileprivate static func read(_ value: ValueReader) -> CallerRestriction? {
        value.mapping("\"orgs\" or \"spaces\"") { reader in
            let organizations = reader.value("orgs")
            let spaces = reader.value("spaces")
            if organizations != nil, let spaces {
                spaces.fail("orgs and spaces exclude each other; keep one of them")
                return nil
            }
            if let organizations {
                return guids(organizations).map(CallerRestriction.organizations)
            }
            if let spaces {
                return guids(spaces).map(CallerRestriction.spaces)
            }
            return .anyAuthenticated
        }
    }

    private static func guids(_ value: ValueReader) -> Set<CloudFoundryGUID>? {
        guard let values = value.list(of: "GUIDs", atMost: 100_000) else { return nil }
        guard !values.isEmpty else {
            value.fail("the list is empty and would admit nobody; leave it out to admit every authenticated caller")
            return nil
        }
        let parsed = values.compactMap { $0.parsed("a GUID") { text in try CloudFoundryGUID(parsing: text) } }
        return parsed.count == values.count ? Set(parsed) : nil
    }
}
