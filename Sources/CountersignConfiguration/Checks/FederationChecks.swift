import CountersignIdentity

/// Checks that fetched bundles are trusted for their own trust domain and for nothing else.
///
/// Whoever publishes a bundle decides which authorities are in it. Listed under another trust domain, or under none, its
/// file would let that publisher speak for others.
struct FederationChecks {
    let diagnostics: ConfigurationDiagnostics

    /// Reports what is wrong.
    func check(_ configuration: Configuration) {
        for federated in configuration.federation {
            var isTrusted = false
            for domain in configuration.router?.domains ?? [] {
                checkUnbound(domain, federated)
                for listed in domain.trustDomains where names(listed.authorities, federated.bundlePath) {
                    isTrusted = true
                    check(listed, federated)
                }
            }
            if checkUpstreams(configuration, federated) { isTrusted = true }
            if !isTrusted, configuration.router != nil {
                diagnostics.warning(
                    "no ca_certs of \(federated.trustDomain.name) under trust_domains, or of an upstream of it, names "
                        + "\(federated.bundlePath); the bundle is fetched and trusted by nobody",
                    at: federated.place
                )
            }
        }
    }

    /// Reports upstreams for which a fetched bundle would speak without being of their trust domain.
    ///
    /// - Returns: whether there is one for which it may speak.
    private func checkUpstreams(_ configuration: Configuration, _ federated: FederatedDomainSection) -> Bool {
        var isTrusted = false
        let mtls = configuration.mtls
        var users = configuration.subgraphs.map { ($0.mtls.authorities, $0.expectedTrustDomain(mtls)) }
        users.append((mtls.upstreamAuthorities, mtls.isEnabled ? mtls.trustDomain : nil))
        for (references, trustDomain) in users {
            guard let reference = references.first(where: { $0.source == .path(federated.bundlePath) }) else {
                continue
            }
            isTrusted = true
            guard trustDomain != federated.trustDomain else { continue }
            diagnostics.error(
                "ca_certs names the fetched bundle of \(federated.trustDomain.name), which may vouch for that trust domain "
                    + "alone; give the upstream this trust_domain",
                at: reference.place
            )
        }
        return isTrusted
    }

    private func checkUnbound(_ domain: DomainSection, _ federated: FederatedDomainSection) {
        guard names(domain.clientAuthorities, federated.bundlePath) else { return }
        diagnostics.error(
            "ca_certs names the fetched bundle of \(federated.trustDomain.name), which may vouch for that trust domain "
                + "alone; list it under trust_domains",
            at: domain.place
        )
    }

    private func check(_ listed: TrustDomainSection, _ federated: FederatedDomainSection) {
        guard let name = listed.trustDomain, name != federated.trustDomain else { return }
        diagnostics.error(
            "ca_certs names the fetched bundle of \(federated.trustDomain.name), which does not speak for \(name.name)",
            at: listed.place
        )
    }

    private func names(_ references: [PEMReference], _ path: String) -> Bool {
        references.contains { $0.source == .path(path) }
    }
}
