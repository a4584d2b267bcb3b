import ArgumentParser
import CountersignConfiguration
import CountersignRuntime
import Foundation

/// `countersign config check`.
struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Report every problem of a configuration file with its line and column.",
        discussion: """
            Reads the file and every file that it names, and starts nothing. The status is 0 when the file is usable, \
            1 when it is refused, and 2 when there is no readable file at the path.
            """
    )

    @Argument(help: "The configuration file; --config does the same.")
    var file: String?

    @Option(help: "The configuration file.")
    var config: String?

    @Option(help: "Check what this role needs: router, authority, agent, egress or authz. Default: all sections.")
    var role: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard (file == nil) != (config == nil) else {
            throw ValidationError("name one configuration file, as in --config router.yaml")
        }
        guard let role, ConfigurationRole(rawValue: role) == nil else { return }
        let names = ConfigurationRole.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("there is no role \(role); it is one of \(names)")
    }

    func run() throws {
        let role = role.flatMap(ConfigurationRole.init(rawValue:))
        let check = ConfigurationCheck(
            path: file ?? config ?? "",
            role: role,
            format: json ? .json : .text,
            loader: ConfigurationLoader(environment: ProcessEnvironment.value)
        ) { configuration, pems in
            let now = SystemTime.unixSeconds
            var problems: [ConfigurationProblem] = []
            if role == nil || role == .router {
                problems += RouterSettings.verified(configuration, pems, now: now).problems
            }
            if role == nil || role == .authority {
                problems += AuthorityMaterial.problems(configuration, pems, now: now)
            }
            if role == nil || role == .agent { problems += LoadedAgent.problems(configuration, pems) }
            if role == nil || role == .authz {
                problems += LoadedAuthz.problems(
                    configuration,
                    pems,
                    environment: ProcessEnvironment.value,
                    now: now
                )
            }
            if role == nil || role == .egress { problems += LoadedEgress.problems(configuration, pems, now: now) }
            return problems
        }
        FileHandle.standardOutput.write(Data(check.output.utf8))
        if check.exitCode != 0 { throw ExitCode(check.exitCode) }
    }
}
