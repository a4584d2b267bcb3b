import CountersignAudit
import CountersignAuthentication
package import CountersignConfiguration

/// A configuration of the forward-auth service that was found good in every respect, and what it makes.
package struct LoadedAuthz: Sendable {
    let configuration: Configuration
    let section: AuthorizationServiceSection
    let settings: InboundSettings
    /// Where audit events go; nil when none are kept.
    let audit: AuditSettings?
    /// What proxies are shown; nil without TLS.
    let tls: AuthzTLS?
    /// The tokens' keys, where they are fetched.
    let tokenKeys: FollowedKeySet?
    let warnings: [ConfigurationProblem]
    /// What was read; a change of it is a reason to load again.
    let sources: ConfigurationSources

    /// Loads a file for the role.
    ///
    /// - Parameters:
    ///   - path: the configuration file.
    ///   - environment: the values of variables that override the file.
    ///   - now: the current time in Unix seconds.
    /// - Throws: ``ConfigurationRefusal`` with every problem.
    static func load(
        path: String,
        environment: @escaping @Sendable (String) -> String?,
        now: Int64
    ) throws -> LoadedAuthz {
        let reader = RecordingFileReader()
        let loader = ConfigurationLoader(environment: environment, fileReader: reader)
        var settings: InboundSettings?
        var tokenKeys: FollowedKeySet?
        var tls: AuthzTLS?
        let result = loader.load(path: path, role: .authz) { configuration, pems in
            guard let section = configuration.authz else { return [] }
            var maker = InboundSettingsMaker(section, pems, environment, reader, now: now)
            settings = maker.make()
            tokenKeys = maker.tokenKeys
            var problems = maker.problems + auditProblems(configuration, pems, now: now)
            tls = AuthzTLS(section, pems, now: now, &problems)
            return problems
        }
        let sources = ConfigurationSources(files: reader.paths, digest: reader.digest)
        guard let configuration = result.configuration, let section = configuration.authz, let settings else {
            throw ConfigurationRefusal(problems: result.problems, sources: sources)
        }
        return LoadedAuthz(
            configuration: configuration,
            section: section,
            settings: settings,
            audit: configuration.audit.flatMap { AuditSettings($0, result.pems, result.secrets) },
            tls: tls,
            tokenKeys: tokenKeys,
            warnings: result.warnings,
            sources: sources
        )
    }

    /// What is wrong with the files that the section names, and with what does not go together.
    package static func problems(
        _ configuration: Configuration,
        _ pems: PEMMaterial,
        environment: @escaping @Sendable (String) -> String?,
        now: Int64
    ) -> [ConfigurationProblem] {
        guard let section = configuration.authz else { return [] }
        var maker = InboundSettingsMaker(section, pems, environment, SystemFileReader(), now: now)
        _ = maker.make()
        var problems = maker.problems + auditProblems(configuration, pems, now: now)
        _ = AuthzTLS(section, pems, now: now, &problems)
        return problems
    }

    private static func auditProblems(
        _ configuration: Configuration,
        _ pems: PEMMaterial,
        now: Int64
    ) -> [ConfigurationProblem] {
        configuration.audit.map { AuditSettings.problems($0, pems, now: now) } ?? []
    }
}
