import ArgumentParser
import CountersignRuntime

struct RouterCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "router",
        abstract: "Run the identity-aware reverse proxy.",
        discussion: """
            Ends with code 78 when the configuration is refused; every problem is printed with file, line and column. \
            SIGHUP or a changed file takes the configuration up anew, SIGUSR1 opens the access log anew, SIGTERM \
            finishes requests in flight and ends.
            """
    )

    @Option(help: "The configuration file.")
    var config: String

    func run() throws {
        do {
            try RouterProgram.run(path: config, environment: ProcessEnvironment.value)
        } catch let refusal as ConfigurationRefusal {
            Console.complain(refusal.description)
            throw ExitCode(78)
        }
    }
}
