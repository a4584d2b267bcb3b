import CountersignConfiguration
package import CountersignIdentity
package import CountersignPKI
import CountersignRouter
import CountersignTLS

extension RouterSettings {
    /// Who vouches for an upstream.
    package enum UpstreamTrust: Sendable {
        /// The authority that issues the process's own identity.
        case own
        /// These authorities.
        case authorities(TrustStore)
    }

    /// One named upstream that is reached over TLS.
    package struct Upstream: Sendable {
        package var name: String
        package var trust: UpstreamTrust
        package var expectedNames: [PeerNameRequirement]
        package var serverName: String?
        package var presentsIdentity: Bool
        package var allowsFallback: Bool
    }

    /// What is asked of endpoints over TLS that no named upstream has.
    package struct UnnamedUpstreams: Sendable {
        package var trust: UpstreamTrust
        package var trustDomain: TrustDomain?
        package var verifiesHostname: Bool
        package var presentsIdentity: Bool
        package var allowsFallback: Bool
    }

    /// Reads what endpoints over TLS are measured by.
    mutating func readUpstreams(
        _ configuration: Configuration,
        _ pems: PEMMaterial,
        _ now: Int64,
        _ problems: inout [ConfigurationProblem]
    ) {
        let mtls = configuration.mtls
        do throws(MaterialFault) {
            let trust = try Self.trust(mtls, pems, now)
            if let trust {
                unnamedUpstreams = UnnamedUpstreams(
                    trust: trust,
                    trustDomain: mtls.isEnabled ? mtls.trustDomain : nil,
                    verifiesHostname: mtls.verifiesHostname,
                    presentsIdentity: mtls.isEnabled,
                    allowsFallback: mtls.allowsFallback
                )
            }
            for section in configuration.subgraphs where section.url.isSecure {
                if let upstream = try Self.upstream(section, mtls, trust, pems, now) { upstreams.append(upstream) }
            }
        } catch {
            problems += error.problems
        }
    }

    /// Who vouches for upstreams that do not say it themselves; `nil` when nobody does.
    private static func trust(
        _ mtls: MutualTLSSection,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(MaterialFault) -> UpstreamTrust? {
        guard mtls.upstreamAuthorities.isEmpty else {
            let scope: TrustDomainScope =
                mtls.isEnabled ? .only(Set([mtls.trustDomain].compactMap(\.self))) : .unrestricted
            return .authorities(try store(mtls.upstreamAuthorities, scope, pems, now))
        }
        return mtls.isEnabled ? .own : nil
    }

    private static func upstream(
        _ section: UpstreamSection,
        _ mtls: MutualTLSSection,
        _ shared: UpstreamTrust?,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(MaterialFault) -> Upstream? {
        let presents = section.mtls.isEnabled ?? mtls.isEnabled
        let names = expectedNames(section, mtls)
        var trust = shared
        if !section.mtls.authorities.isEmpty {
            let scope = section.expectedTrustDomain(mtls).map { TrustDomainScope.only([$0]) }
            trust = .authorities(try store(section.mtls.authorities, scope ?? .unrestricted, pems, now))
        }
        guard let trust else { return nil }
        let host = PeerNameRequirement(host: section.url.host)
        return Upstream(
            name: section.name,
            trust: trust,
            expectedNames: names,
            serverName: names.lazy.compactMap(\.serverName).first ?? host?.serverName,
            presentsIdentity: presents,
            allowsFallback: section.mtls.allowsFallback ?? mtls.allowsFallback
        )
    }

    /// The names that an upstream's certificate must have, every one of them.
    private static func expectedNames(
        _ section: UpstreamSection,
        _ mtls: MutualTLSSection
    ) -> [PeerNameRequirement] {
        let own = section.mtls
        if let name = own.serverCertDomainSAN {
            return (try? PeerNameRequirement(serverCertDomainSAN: name)).map { [$0] } ?? []
        }
        var names: [PeerNameRequirement] = []
        if let trustDomain = section.expectedTrustDomain(mtls) {
            let service = own.serviceName.flatMap { service in
                try? SPIFFEID(
                    parsing: "spiffe://\(trustDomain.name)/ns/\(own.namespace ?? mtls.namespace)/sa/\(service)"
                )
            }
            names.append(service.map { .spiffe($0) } ?? .trustDomain(trustDomain))
        }
        if own.verifiesHostname ?? mtls.verifiesHostname, let host = PeerNameRequirement(host: section.url.host) {
            names.append(host)
        }
        return names
    }

    static func store(
        _ references: [PEMReference],
        _ scope: TrustDomainScope,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(MaterialFault) -> TrustStore {
        var authorities: [[UInt8]] = []
        for reference in references {
            authorities += try parse(reference, pems) { text throws(PKIError) in
                try TrustStore(pem: text, atUnixSeconds: now).authoritiesDER
            }
        }
        do throws(PKIError) {
            return try TrustStore(derCertificates: authorities, trustDomains: scope)
        } catch {
            guard let first = references.first else { throw MaterialFault(problems: []) }
            throw problem(first.place, "ca_certs: \(error.message)")
        }
    }

    /// The plan by which the snapshot's endpoints are reached over TLS.
    ///
    /// - Throws: `PKIError` when the process's own authority cannot be trusted.
    func makeUpstreamPlan(_ revoked: RevokedCertificates, _ reuse: SnapshotReuse?) throws -> UpstreamSecurityPlan {
        var verifiers = reuse?.upstreamVerifiers ?? []
        func verifier(_ trust: UpstreamTrust) throws -> DomainVerifier {
            let store = try store(of: trust)
            if let known = verifiers.first(where: { $0.trusts(as: store) }) { return known }
            let made = DomainVerifier(verifier: ChainVerifier(trust: store, purpose: .server), revoked: revoked)
            verifiers.append(made)
            return made
        }
        var plan = UpstreamSecurityPlan()
        for upstream in upstreams {
            plan.named[upstream.name] = UpstreamSecurity(
                name: upstream.name,
                verifier: try verifier(upstream.trust),
                expectedNames: upstream.expectedNames,
                serverName: upstream.serverName,
                presentsIdentity: upstream.presentsIdentity,
                allowsFallback: upstream.allowsFallback
            )
        }
        if let unnamedUpstreams {
            plan.unnamed = UpstreamSecurityPlan.Unnamed(
                verifier: try verifier(unnamedUpstreams.trust),
                trustDomain: unnamedUpstreams.trustDomain,
                verifiesHostname: unnamedUpstreams.verifiesHostname,
                presentsIdentity: unnamedUpstreams.presentsIdentity,
                allowsFallback: unnamedUpstreams.allowsFallback
            )
        }
        return plan
    }

    private func store(of trust: UpstreamTrust) throws(PKIError) -> TrustStore {
        switch trust {
        case .authorities(let store): return store
        case .own:
            let scope = Set([ownTrustDomain].compactMap(\.self))
            return try TrustStore(
                derCertificates: authority?.roots.map(\.der) ?? [],
                trustDomains: .only(scope)
            )
        }
    }
}
