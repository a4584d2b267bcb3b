import ArgumentParser
import CountersignConfiguration
import CountersignRuntime
import Foundation

extension InfrastructureFormat: ExpressibleByArgument {}

struct InfraCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "infra",
        abstract: "Use certificates of services with databases.",
        subcommands: [Params.self, Terminate.self]
    )

    struct Params: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print how a server or client of PostgreSQL or Redis uses the certificate of a service.",
            discussion: """
                The files are looked at first: services whose certificate is missing, expired, revoked or not vouched for \
                are passed over with a warning on standard error. The status is 0 when all were printed, 1 when one was \
                passed over, 2 for wrong arguments.
                """
        )

        @Argument(help: "The form: \(InfrastructureFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
        var format: InfrastructureFormat

        @Argument(help: "The services.")
        var services: [String]

        @Option(help: "The agent's certificate directory.")
        var dir: String?

        @Option(help: "The agent's configuration file, in place of --dir.")
        var config: String?

        @Option(help: "The server, by a name of its certificate; for haproxy.cfg the address of Redis behind it.")
        var host: String?

        @Option(help: "The port; otherwise 5432 or 6379.")
        var port: Int?

        @Option(help: "The role or user; otherwise the certificate's common name for PostgreSQL, none for Redis.")
        var user: String?

        @Option(help: "The database.")
        var dbname: String?

        @Option(help: "The map of pg_ident.conf.")
        var map = "countersign"

        @Flag(help: "Print certificates, too, of which nobody knows whether they are revoked.")
        var dangerousUnknownRevocation = false

        @Flag(help: "Print one JSON object.")
        var json = false

        @Option(help: "Write to this file instead, and only when nothing was passed over; it is replaced as a whole.")
        var output: String?

        func validate() throws {
            if services.isEmpty { throw ValidationError("name at least one service") }
            if let port, !(1...65_535).contains(port) { throw ValidationError("--port must be 1 to 65535") }
        }

        func run() throws {
            var arguments = InfrastructureTool.Arguments(format: format, services: services)
            arguments.directory = dir
            arguments.configuration = config
            arguments.host = host
            arguments.port = port
            arguments.user = user
            arguments.database = dbname
            arguments.map = map
            arguments.takesUnknownRevocation = dangerousUnknownRevocation
            arguments.json = json
            arguments.output = output
            try InfrastructureTool.run(
                arguments,
                loader: ConfigurationLoader(environment: ProcessEnvironment.value),
                currentFolder: FileManager.default.currentDirectoryPath,
                now: SystemTime.unixSeconds
            ).finish()
        }
    }
    struct Terminate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the SQL that ends connections to PostgreSQL by the certificates that opened them.",
            discussion: """
                PostgreSQL looks at revocation lists when a client connects, and never again. Hand what is printed to psql, as \
                an administrator of the database. With serial numbers and --config or --dir, it is printed as soon as the \
                agent's lists name them: before that, their holders would connect again. The status is 1 when they do not \
                in time, 2 for wrong arguments.
                """
        )

        @Argument(help: "Serial numbers in hexadecimal; without any, those on the agent's revocation lists.")
        var serials: [String] = []

        @Option(help: "The agent's certificate directory, whose crl.pem is read or waited for.")
        var dir: String?

        @Option(help: "The agent's configuration file, in place of --dir.")
        var config: String?

        @Option(
            help:
                "How long to wait for the agent's lists to name the serial numbers, in seconds, 0 to 3600; 30 if not said."
        )
        var wait: Int?

        func validate() throws {
            guard wait.map((0...3600).contains) ?? true else {
                throw ValidationError("--wait: expected 0 to 3600 seconds")
            }
        }

        func run() throws {
            var arguments = SessionEndTool.Arguments()
            arguments.serials = serials
            arguments.patience = wait.map { .seconds($0) }
            arguments.directory = dir
            arguments.configuration = config
            try SessionEndTool.run(
                arguments,
                loader: ConfigurationLoader(environment: ProcessEnvironment.value),
                currentFolder: FileManager.default.currentDirectoryPath
            ).finish()
        }
    }
}
