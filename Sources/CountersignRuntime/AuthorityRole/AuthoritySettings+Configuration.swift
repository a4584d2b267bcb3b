import CountersignAuthority
import CountersignConfiguration
import CountersignIdentity
import CountersignIssuance
import CountersignPKI

extension AuthoritySettings {
    /// The engine's settings from the configuration file.
    ///
    /// - Throws: ``IdentityError`` when a service's default names cannot be made from its name.
    init(_ section: AuthoritySection) throws {
        let profiles = section.profiles.map { IssuanceProfile($0.key, $0.value) }
        let services = try section.services.map { service in
            try ServiceRegistration(service, trustDomain: section.trustDomain, domain: section.domain)
        }
        self.init(
            trustDomain: section.trustDomain,
            domain: section.domain.description,
            profiles: profiles,
            services: services
        )
        publicURL = section.publicURL.map { Self.withoutSlash($0.description) }
        tokens = section.tokens.map { TokenSettings($0, publicURL: publicURL) }
        revocationListIntervalSeconds = section.revocationListInterval.components.seconds
        revocationListLifetimeSeconds = section.revocationListLifetime.components.seconds
        let rate = Double(section.issuanceRate)
        issuanceRate = RateLimit(perSecond: rate, burst: 20 * rate)
        for administrator in section.administrators {
            administrators[administrator.spiffeID] = AdminRole(administrator.role)
        }
    }

    private static func withoutSlash(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}

extension AdminRole {
    fileprivate init(_ role: AdministratorSection.Role) {
        self =
            switch role {
            case .admin: .admin
            case .operator: .operator
            case .auditor: .auditor
            }
    }
}

extension IssuanceProfile {
    fileprivate init(_ name: String, _ section: CertificateProfileSection) {
        let renewal: RenewalRule =
            switch section.renewal {
            case .fraction(let fraction): .fraction(fraction)
            case .before(let duration): .before(seconds: duration.components.seconds)
            }
        self.init(
            name: name,
            lifetimeSeconds: section.lifetime.components.seconds,
            renewal: renewal,
            usage: CertificateProfile.Usage(rawValue: section.usage.rawValue) ?? .both,
            keyKind: PrivateKey.Kind(rawValue: section.key.rawValue) ?? .p256,
            countries: section.countries,
            organizations: section.organizations,
            organizationalUnits: section.organizationalUnits
        )
    }
}

extension ServiceRegistration {
    /// A service of the file with the names that it has unless told otherwise.
    ///
    /// - Throws: ``IdentityError`` when they cannot be made.
    init(_ section: RegisteredServiceSection, trustDomain: TrustDomain, domain: HostPattern) throws {
        let id =
            try section.spiffeID
            ?? SPIFFEID.workload(
                trustDomain: trustDomain,
                namespace: section.namespace,
                serviceAccount: section.name
            )
        let standard = [section.name, "\(section.name).\(domain)"].filter { (try? HostPattern(parsing: $0)) != nil }
        self.init(
            name: section.name,
            namespace: section.namespace,
            spiffeID: id,
            profile: section.profile,
            dnsNames: section.dnsNames ?? standard,
            addresses: section.addresses,
            owner: section.owner,
            labels: section.labels,
            tokens: TokenGrant(
                audiences: section.tokens.audiences,
                roles: section.tokens.roles,
                scopes: section.tokens.scopes
            ),
            origin: .configuration
        )
    }
}
