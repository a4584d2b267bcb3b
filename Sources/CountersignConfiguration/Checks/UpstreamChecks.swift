import CountersignIdentity

/// Checks that every upstream over TLS can be verified, and to be whom.
struct UpstreamChecks {
    let diagnostics: ConfigurationDiagnostics

    /// Reports what is wrong.
    func check(_ configuration: Configuration) {
        guard configuration.router != nil else { return }
        for upstream in configuration.subgraphs where upstream.url.isSecure {
            checkIdentity(upstream, configuration.mtls)
            checkAuthorities(upstream, configuration.mtls)
            checkName(upstream, configuration.mtls)
        }
    }

    private func checkIdentity(_ upstream: UpstreamSection, _ mtls: MutualTLSSection) {
        guard upstream.mtls.isEnabled == true, !mtls.isEnabled else { return }
        diagnostics.error(
            "mutual TLS is enabled for this upstream, and the section mtls, which says what is presented to it, is not; set "
                + "mtls.enabled to true, or leave enabled out here",
            at: upstream.place
        )
    }

    private func checkAuthorities(_ upstream: UpstreamSection, _ mtls: MutualTLSSection) {
        guard upstream.mtls.authorities.isEmpty else { return }
        guard mtls.isEnabled || !mtls.upstreamAuthorities.isEmpty else {
            diagnostics.error(
                "nothing says who may vouch for this upstream; name its authorities under mtls.ca_certs, here or in the "
                    + "section mtls",
                at: upstream.urlPlace
            )
            return
        }
        guard let own = mtls.trustDomain, let wanted = upstream.expectedTrustDomain(mtls), wanted != own else { return }
        diagnostics.error(
            "the upstream is of the trust domain \(wanted.name), for which the authorities of the section mtls "
                + "(\(own.name)) do not speak; name its own under ca_certs",
            at: upstream.place
        )
    }

    private func checkName(_ upstream: UpstreamSection, _ mtls: MutualTLSSection) {
        let settings = upstream.mtls
        guard settings.serverCertDomainSAN == nil, settings.serviceName == nil,
            !(settings.verifiesHostname ?? mtls.verifiesHostname)
        else { return }
        guard settings.isEnabled ?? mtls.isEnabled || settings.trustDomain != nil else {
            diagnostics.error(
                "nothing says who this upstream has to be; leave verify_hostname on, or give service_name or "
                    + "server_cert_domain_san",
                at: upstream.place
            )
            return
        }
        diagnostics.warning(
            "every workload of the trust domain is taken for this upstream; service_name or server_cert_domain_san says "
                + "which one it has to be",
            at: upstream.place
        )
    }
}
