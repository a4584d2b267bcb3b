import ArgumentParser
import CountersignConfiguration
import CountersignRuntime

/// `countersign authz`.
struct AuthzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authz",
        abstract: "Answer nginx, Traefik and Envoy whether a request may pass.",
        discussion: """
            Ends with code 78 when the configuration is refused; every problem is printed with file, line and column. \
            SIGHUP and changed files are taken up, SIGTERM ends once open requests are answered.
            """
    )

    @Option(help: "The configuration file.")
    var config: String

    func run() throws {
        do {
            try AuthzProgram.run(path: config, environment: ProcessEnvironment.value)
        } catch let refusal as ConfigurationRefusal {
            Console.complain(refusal.description)
            throw ExitCode(78)
        }
    }
}
