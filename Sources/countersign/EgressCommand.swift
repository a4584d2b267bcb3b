import ArgumentParser
import CountersignRuntime

/// `countersign egress`.
struct EgressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "egress",
        abstract:
            "Run the forward proxy of a host: programs that know only HTTP_PROXY call with their own certificate.",
        discussion: """
            Ends with code 78 when the configuration is refused; every problem is printed with file, line and column. \
            SIGHUP and changed files are taken up, SIGUSR1 opens the access log anew, SIGTERM finishes requests in flight \
            and ends.
            """
    )

    @Option(help: "The configuration file.")
    var config: String

    func run() throws {
        do {
            try EgressProgram.run(path: config, environment: ProcessEnvironment.value)
        } catch let refusal as ConfigurationRefusal {
            Console.complain(refusal.description)
            throw ExitCode(78)
        }
    }
}
