package import CountersignAgent
package import CountersignConfiguration
import CountersignFiles
import CountersignPKI

/// An agent's configuration that was found good in every respect, and what it makes.
package struct LoadedAgent: Sendable {
    package let configuration: Configuration
    package let section: AgentSection
    package let settings: AgentSettings
    /// The trust domains whose bundles workloads are given.
    package let federation: [FederatedDomain]
    package let warnings: [ConfigurationProblem]

    /// Loads a file for the agent role.
    ///
    /// - Throws: ``ConfigurationRefusal`` with every problem.
    package static func load(path: String, loader: ConfigurationLoader) throws -> LoadedAgent {
        let result = loader.load(path: path, role: .agent, verification: problems)
        guard let configuration = result.configuration, let section = configuration.agent else {
            throw ConfigurationRefusal(problems: result.problems)
        }
        var problems: [ConfigurationProblem] = []
        return LoadedAgent(
            configuration: configuration,
            section: section,
            settings: AgentSettings(section, pems: result.pems),
            federation: FederatedDomain.list(configuration.federation, result.pems, &problems),
            warnings: result.warnings
        )
    }

    /// What is wrong with the files that the section names, and with what this agent cannot do.
    package static func problems(_ configuration: Configuration, _ pems: PEMMaterial) -> [ConfigurationProblem] {
        guard let section = configuration.agent else { return [] }
        var problems: [ConfigurationProblem] = []
        for reference in section.authorities {
            guard let pem = pems[reference] else { continue }
            do throws(PKIError) {
                _ = try TrustStore(pem: pem)
            } catch {
                problems.append(reference.problem(error.description))
            }
        }
        _ = FederatedDomain.list(configuration.federation, pems, &problems)
        if section.socketPath == nil, configuration.router == nil, let first = configuration.federation.first {
            var problem = ConfigurationProblem(
                place: first.place,
                message: "bundles of other trust domains are given out over the Workload API; without agent.socket "
                    + "nobody gets them"
            )
            problem.severity = .warning
            problems.append(problem)
        }
        problems += section.services.flatMap { service in service.key.map(Self.problems) ?? [] }
        if section.authority == nil, section.cfsslURL != nil {
            problems.append(
                ConfigurationProblem(
                    place: section.place,
                    message: "the agent gets certificates from a countersign authority alone; name it in authority, "
                        + "in place of cfssl_url (CFSSL_URL)"
                )
            )
        }
        return problems
    }

    /// Accounts that the system does not know.
    private static func problems(_ key: AgentServiceSection.Key) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        if let owner = key.owner, SystemAccount.userID(owner) == nil {
            problems.append(ConfigurationProblem(place: key.place, message: "this system has no user \(owner)"))
        }
        if let group = key.group, SystemAccount.groupID(group) == nil {
            problems.append(ConfigurationProblem(place: key.place, message: "this system has no group \(group)"))
        }
        return problems
    }
}
