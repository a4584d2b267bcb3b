package import CountersignConfiguration

/// A configuration of the forward proxy that was found good in every respect, and what it makes.
package struct LoadedEgress: Sendable {
    let configuration: Configuration
    let section: EgressSection
    let settings: EgressSettings
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
    ) throws -> LoadedEgress {
        let reader = RecordingFileReader()
        let loader = ConfigurationLoader(environment: environment, fileReader: reader)
        var settings: EgressSettings?
        let result = loader.load(path: path, role: .egress) { configuration, pems in
            guard let section = configuration.egress else { return [] }
            var problems: [ConfigurationProblem] = []
            settings = EgressSettings(section, pems: pems, now: now, problems: &problems)
            return problems
        }
        let sources = ConfigurationSources(files: reader.paths, digest: reader.digest)
        guard let configuration = result.configuration, let section = configuration.egress, let settings else {
            throw ConfigurationRefusal(problems: result.problems, sources: sources)
        }
        return LoadedEgress(
            configuration: configuration,
            section: section,
            settings: settings,
            warnings: result.warnings,
            sources: sources
        )
    }

    /// What is wrong with the files that the section names.
    package static func problems(
        _ configuration: Configuration,
        _ pems: PEMMaterial,
        now: Int64
    ) -> [ConfigurationProblem] {
        guard let section = configuration.egress else { return [] }
        var problems: [ConfigurationProblem] = []
        _ = EgressSettings(section, pems: pems, now: now, problems: &problems)
        return problems
    }

    /// The keys that differ and are read once, at start.
    func keysThatNeedRestart(against next: LoadedEgress) -> [String] {
        var keys: [String] = []
        if section.listen != next.section.listen { keys.append("egress.listen") }
        if section.workers != next.section.workers { keys.append("egress.workers") }
        if section.accessLog != next.section.accessLog { keys.append("egress.access_log") }
        if configuration.admin != next.configuration.admin { keys.append("admin") }
        if configuration.log.format != next.configuration.log.format { keys.append("log.format") }
        return keys
    }
}
