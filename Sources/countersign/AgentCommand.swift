import ArgumentParser
import CountersignConfiguration
import CountersignRuntime

struct AgentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Keep the certificates of this host's services.",
        subcommands: [Run.self, Status.self],
        defaultSubcommand: Run.self
    )

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the agent.",
            discussion: """
                Ends with code 78 when the configuration is refused; every problem is printed with file, line and \
                column. SIGHUP takes services and log level up anew, SIGTERM ends.
                """
        )

        @Option(help: "The configuration file.")
        var config: String

        func run() throws {
            do {
                try AgentProgram.run(path: config, loader: ConfigurationLoader(environment: ProcessEnvironment.value))
            } catch let refusal as ConfigurationRefusal {
                Console.complain(refusal.description)
                throw ExitCode(78)
            }
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the certificates of the agent that runs with this configuration.",
            discussion: "The status is 0 when all is well, 1 when the agent is not ready, 2 when it does not answer."
        )

        @Option(help: "The configuration file.")
        var config: String

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            let loader = ConfigurationLoader(environment: ProcessEnvironment.value)
            try AgentStatusTool.run(path: config, loader: loader, json: json).finish()
        }
    }
}
