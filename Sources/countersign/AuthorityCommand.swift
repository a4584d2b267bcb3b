import ArgumentParser
import CountersignConfiguration
import CountersignRuntime

struct AuthorityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "Run the certificate authority.",
        discussion: """
            Ends with code 78 when the configuration is refused; every problem is printed with file, line and column. \
            SIGHUP takes the log level up anew, SIGTERM finishes requests in flight and ends.
            """
    )

    @Option(help: "The configuration file.")
    var config: String

    func run() throws {
        do {
            try AuthorityProgram.run(path: config, loader: ConfigurationLoader(environment: ProcessEnvironment.value))
        } catch let refusal as ConfigurationRefusal {
            Console.complain(refusal.description)
            throw ExitCode(78)
        }
    }
}
