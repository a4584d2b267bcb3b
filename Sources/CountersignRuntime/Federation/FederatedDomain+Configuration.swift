import CountersignConfiguration
import CountersignPKI

extension FederatedDomain {
    /// The domains of a file; nil for each whose authorities are not usable, after adding why to `problems`.
    static func list(
        _ sections: [FederatedDomainSection],
        _ pems: PEMMaterial,
        _ problems: inout [ConfigurationProblem]
    ) -> [FederatedDomain] {
        sections.compactMap { section in
            guard let profile = profile(of: section, pems, &problems) else { return nil }
            return FederatedDomain(
                trustDomain: section.trustDomain,
                url: section.url.description,
                profile: profile,
                bundlePath: section.bundlePath,
                refreshSeconds: section.refreshInterval?.components.seconds
            )
        }
    }

    private static func profile(
        of section: FederatedDomainSection,
        _ pems: PEMMaterial,
        _ problems: inout [ConfigurationProblem]
    ) -> Profile? {
        if section.profile == .spiffe { return section.endpointID.map { .spiffe($0) } }
        var authorities: [[UInt8]] = []
        for reference in section.webAuthorities {
            guard let text = pems[reference] else { return nil }
            do throws(PKIError) {
                authorities += try TrustStore(pem: text).authoritiesDER
            } catch {
                problems.append(reference.problem(error.description))
                return nil
            }
        }
        return .web(authoritiesDER: authorities)
    }
}
