import CountersignConfiguration
import CountersignIdentity
import CountersignPKI
import CountersignPolicy

extension RouterSettings {
    /// Makes an mTLS domain from its section; nil after adding what is wrong with its files to `problems`.
    static func domain(
        _ section: DomainSection,
        _ pems: PEMMaterial,
        _ now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> Domain? {
        let trust = trust(section, pems, now, &problems)
        var lists: [RevocationList] = []
        for reference in section.revocationLists {
            collect(&problems) { () throws(MaterialFault) in
                lists += try parse(reference, pems) { text throws(PKIError) in
                    let lists = try RevocationList.lists(pem: Array(text.utf8))
                    for list in lists { try list.check(against: trust, atUnixSeconds: now) }
                    return lists
                }
            }
        }
        guard let trust else { return nil }
        var domain = Domain(pattern: section.pattern, place: section.place.description, trust: trust)
        domain.forwardedClientCert = section.forwardedClientCert
        domain.certificateHeaders = section.certificateHeaders
        domain.authorization = section.authorization
        domain.takesPlaintext = section.takesPlaintext
        if let binding = section.tokenBinding {
            if let source = binding.source, case .path(let path) = binding.keys.source {
                domain.tokenKeys = FollowedKeySet(source, path: path, pems, &problems)
            }
            let followed = domain.tokenKeys
            collect(&problems) { () throws(MaterialFault) in
                domain.tokenBinding = try tokenBinding(binding, pems, following: followed)
            }
        }
        if !section.revocationLists.isEmpty { domain.revocation = .lists(lists) }
        return domain
    }

    /// Problems with routes that admit callers by a SPIFFE ID for which no authority of their domain may vouch.
    static func trustDomainProblems(_ router: RouterSection, _ domains: [Domain]) -> [ConfigurationProblem] {
        router.routes.flatMap { route -> [ConfigurationProblem] in
            guard let section = router.domain(of: route),
                let domain = domains.first(where: { $0.pattern == section.pattern })
            else { return [] }
            return unvouchedSources(of: route, in: domain, section)
        }
    }

    private static func unvouchedSources(
        of route: RouteSection,
        in domain: Domain,
        _ section: DomainSection
    ) -> [ConfigurationProblem] {
        let scope = domain.trust.trustDomains
        var unvouched: [SPIFFEIDPattern] = []
        for case .spiffe(let pattern) in route.policy.sources where !scope.contains(pattern.trustDomain) {
            unvouched.append(pattern)
        }
        guard let first = unvouched.first else { return [] }
        if scope == .only([]) {
            let reason =
                "the route admits callers by SPIFFE ID, and the domain \(section.pattern) has several authorities that "
                + "are bound to no trust domain, so that none of them may vouch for one; list them under trust_domains"
            return [ConfigurationProblem(place: route.place, message: reason)]
        }
        let reason =
            "no authority of the domain \(section.pattern) is bound to the trust domain "
            + "\(first.trustDomain.name); nobody can be \(first)"
        return [ConfigurationProblem(severity: .warning, place: route.place, message: reason)]
    }

    private static func trust(
        _ section: DomainSection,
        _ pems: PEMMaterial,
        _ now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> TrustStore? {
        var reader = CallerTrustReader(pems: pems, now: now, place: section.place, key: "ca_certs")
        let trust = reader.trust(section.clientAuthorities, section.trustDomains)
        problems += reader.problems
        return trust
    }

    private static func collect(
        _ problems: inout [ConfigurationProblem],
        _ body: () throws(MaterialFault) -> Void
    ) {
        do throws(MaterialFault) {
            try body()
        } catch {
            problems += error.problems
        }
    }
}
