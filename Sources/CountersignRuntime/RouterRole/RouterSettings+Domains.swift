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

    /// The authorities of a domain, each bound to the trust domain that it is listed under.
    private static func trust(
        _ section: DomainSection,
        _ pems: PEMMaterial,
        _ now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> TrustStore? {
        let known = problems.count
        var bundles = boundBundles(section, pems, now, &problems)
        let unbound = section.clientAuthorities.flatMap { authorities($0, pems, now, &problems) }
        let isPool = !unbound.isEmpty && !((try? TrustStore(derCertificates: unbound))?.isOfOneAuthority ?? true)
        let isAlone = section.trustDomains.isEmpty && !isPool
        bundles.append(TrustBundle(authoritiesDER: unbound, trustDomains: isAlone ? .unrestricted : .only([])))
        if isPool, section.trustDomains.isEmpty {
            let message =
                "ca_certs has several authorities, and none is bound to a trust domain: callers with a SPIFFE ID are "
                + "refused; list each trust domain with its authorities under trust_domains"
            problems.append(ConfigurationProblem(severity: .warning, place: section.place, message: message))
        }
        // A text that could not be read was reported where it was read.
        guard bundles.contains(where: { !$0.authoritiesDER.isEmpty }) else { return nil }
        do throws(PKIError) {
            return try TrustStore(bundles: bundles)
        } catch {
            if problems.count == known { problems += problem(section.place, "ca_certs: \(error.message)").problems }
            return nil
        }
    }

    private static func boundBundles(
        _ section: DomainSection,
        _ pems: PEMMaterial,
        _ now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> [TrustBundle] {
        var owners: [[UInt8]: TrustDomain] = [:]
        var bundles: [TrustBundle] = []
        for listed in section.trustDomains {
            let found = listed.authorities.flatMap { authorities($0, pems, now, &problems) }
            guard let name = listed.trustDomain else { continue }
            if let shared = found.first(where: { owners[$0] != nil && owners[$0] != name }), let owner = owners[shared]
            {
                let message =
                    "an authority of \(name.name) is one of \(owner.name) as well; an authority speaks for one trust domain"
                problems += problem(listed.place, message).problems
            }
            for authority in found { owners[authority] = name }
            bundles.append(TrustBundle(authoritiesDER: found, trustDomains: .only([name])))
        }
        return bundles
    }

    private static func authorities(
        _ reference: PEMReference,
        _ pems: PEMMaterial,
        _ now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) -> [[UInt8]] {
        var found: [[UInt8]] = []
        collect(&problems) { () throws(MaterialFault) in
            found = try parse(reference, pems) { text throws(PKIError) in
                try TrustStore(pem: text, atUnixSeconds: now).authoritiesDER
            }
        }
        return found
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
