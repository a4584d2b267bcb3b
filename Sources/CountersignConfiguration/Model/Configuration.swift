/// What one configuration file says, for all roles; sections that the file does not have are nil or have their defaults.
package struct Configuration: Sendable {
    /// This process's own identity toward upstreams.
    package var mtls = MutualTLSSection()

    /// The identity-aware reverse proxy; nil when the file has no such section.
    package var router: RouterSection?

    /// Other trust domains whose bundles are kept up to date; names are distinct.
    package var federation: [FederatedDomainSection] = []

    /// The named upstreams, in the order of the file; names are distinct.
    package var subgraphs: [UpstreamSection] = []

    /// The message bus that routes come from; nil without a bus.
    package var nats: NATSSection?

    /// Health, metrics and the admin API.
    package var admin = AdminSection()

    /// The process's log.
    package var log = LogSection()

    /// The certificate authority; nil when the file has no such section.
    package var authority: AuthoritySection?

    /// The agent of a host; nil when the file has no such section.
    package var agent: AgentSection?

    /// The forward proxy of a host; nil when the file has no such section.
    package var egress: EgressSection?

    /// The identity and token checks as a service; nil when the file has no such section.
    package var authz: AuthorizationServiceSection?

    /// Where audit events go; nil when none are kept.
    package var audit: AuditSection?

    /// A configuration without any role.
    package init() {}
}

extension Configuration {
    /// Reads the sections of a file.
    ///
    /// ## Configuration keys
    /// - `mtls`, `router`, `federation`, `subgraphs`, `nats`, `admin`, `log`, `authority`, `agent`, `egress`, `authz`,
    ///   `audit`: all optional.
    static func read(_ value: ValueReader) -> Configuration? {
        value.mapping("sections such as \"router:\"") { reader in
            var configuration = Configuration()
            if let section = reader.value("mtls").flatMap(MutualTLSSection.read) {
                configuration.mtls = section
            }
            // Before the router, whose routes name upstreams.
            configuration.subgraphs =
                reader.value("subgraphs")?.list(of: "upstreams")?
                .compactMap(UpstreamSection.read) ?? []
            configuration.router = reader.value("router").flatMap(RouterSection.read)
            configuration.federation = reader.value("federation").map(FederatedDomainSection.readList) ?? []
            configuration.nats = reader.value("nats").flatMap(NATSSection.read)
            if let section = reader.value("admin").flatMap(AdminSection.read) {
                configuration.admin = section
            }
            if let section = reader.value("log").flatMap(LogSection.read) {
                configuration.log = section
            }
            configuration.authority = reader.value("authority").flatMap(AuthoritySection.read)
            configuration.agent = reader.value("agent").flatMap(AgentSection.read)
            configuration.egress = reader.value("egress").flatMap(EgressSection.read)
            configuration.authz = reader.value("authz").flatMap(AuthorizationServiceSection.read)
            configuration.audit = reader.value("audit").flatMap(AuditSection.read)
            return configuration
        }
    }
}
