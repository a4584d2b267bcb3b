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
            if !isTrusted, configuration.router != nil {
                diagnostics.warning(
                    "no ca_certs of \(federated.trustDomain.name) under trust_domains names "
                        + "\(federated.bundlePath); the bundle is fetched and trusted by nobody",
                    at: federated.place
                )
            }
        }
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
