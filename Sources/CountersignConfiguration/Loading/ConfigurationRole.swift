/// A role of the program, which uses some sections of a configuration and ignores the others.
package enum ConfigurationRole: String, CaseIterable, Hashable, Sendable {
    /// The identity-aware reverse proxy.
    case router

    /// The certificate authority.
    case authority

    /// The agent of a host.
    case agent

    /// The forward proxy of a host.
    case egress

    /// The identity and token checks as a service.
    case authz

    /// Whether `configuration` has the section of this role.
    func isPresent(in configuration: Configuration) -> Bool {
        switch self {
        case .router: configuration.router != nil
        case .authority: configuration.authority != nil
        case .agent: configuration.agent != nil
        case .egress: configuration.egress != nil
        case .authz: configuration.authz != nil
        }
    }
}

extension Configuration {
    /// Whether the file has the section of a role.
    package func has(_ role: ConfigurationRole) -> Bool {
        role.isPresent(in: self)
    }
}
