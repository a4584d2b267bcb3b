import CountersignIdentity
import CountersignPolicy
import CountersignRouting

/// Checks what the sections of a router say about each other.
///
/// Each finding refuses the file, with one exception: options on a domain that does not enforce them are warned about.
struct RouterChecks {
    let diagnostics: ConfigurationDiagnostics

    /// Reports what is wrong.
    func check(_ configuration: Configuration) {
        guard let router = configuration.router else { return }
        checkOverlaps(of: router.domains)
        checkDuplicates(of: router.routes)
        checkPorts(of: router, admin: configuration.admin)
        // A domain that could not be read would make routes look as if they were on none.
        if !diagnostics.hasErrors {
            checkIgnoredOptions(of: router)
        }
    }

    /// A host must belong to one domain at most, or the client's certificate would be checked by chance.
    private func checkOverlaps(of domains: [DomainSection]) {
        var earlier: [String: DomainSection] = [:]
        for domain in domains {
            let name = domain.pattern.description
            if let other = earlier[name] {
                report(domain, isSameAs: other)
            }
            earlier[name] = earlier[name] ?? domain
        }
        for domain in domains where !domain.pattern.isWildcard {
            // A wildcard stands for exactly one label, so only the parent's can contain an exact name.
            let parent = "*" + domain.pattern.description.drop { $0 != "." }
            guard let wildcard = earlier[parent] else { continue }
            let later = max(domain.place, wildcard.place)
            let other = later == domain.place ? wildcard : domain
            diagnostics.error(
                "the domains \(domain.pattern) and \(wildcard.pattern) overlap (the other is in line "
                    + "\(other.place.line)); a host must belong to one domain",
                at: later
            )
        }
    }

    private func report(_ domain: DomainSection, isSameAs other: DomainSection) {
        diagnostics.error(
            "the domain \(domain.pattern) is already there in line \(other.place.line)",
            at: domain.place
        )
    }

    private func checkDuplicates(of routes: [RouteSection]) {
        var lines: [RoutePattern: Int] = [:]
        for route in routes {
            if let line = lines[route.pattern] {
                diagnostics.error("the route \(route.pattern) is already there in line \(line)", at: route.place)
            } else {
                lines[route.pattern] = route.place.line
            }
        }
    }

    private func checkIgnoredOptions(of router: RouterSection) {
        for route in router.routes where route.policy.form == .flatOptions {
            guard let domain = router.domain(of: route) else {
                diagnostics.warning(
                    "the options say who may call, but the host is on no domain of router.domains; they are not enforced",
                    at: route.place
                )
                continue
            }
            if let warning = domain.authorization.ignoredOptionsWarning(for: route.policy) {
                diagnostics.warning(warning, at: route.place)
            }
        }
    }

    private func checkPorts(of router: RouterSection, admin: AdminSection) {
        var owners: [ListenAddress: String] = admin.listen.port == 0 ? [:] : [admin.listen: "admin.listen"]
        if owners[admin.listen] != nil, router.listen.contains(admin.listen) {
            diagnostics.error(
                "\(admin.listen) is the address of the admin listener (admin.listen) as well",
                at: router.place
            )
        }
        guard let status = router.status else { return }
        for address in router.listen where address.port != 0 { owners[address] = "router.listen" }
        let wanted = [
            ("listen", status.listen), ("listen_tls", status.listenTLS), ("listen_routes", status.listenRoutes),
        ]
        for case (let key, let address?) in wanted where address.port != 0 {
            if let owner = owners[address] {
                diagnostics.error("\(key): \(address) is the address of \(owner) as well", at: status.place)
            }
            owners[address] = "router.status.\(key)"
        }
    }
}
