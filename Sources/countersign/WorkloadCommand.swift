import ArgumentParser
import CountersignRuntime

struct WorkloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workload",
        abstract: "Ask a SPIFFE Workload API, as a workload does.",
        subcommands: [Fetch.self]
    )

    struct Fetch: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Fetch identities, bundles or a token.",
            discussion: """
                Prints who this process is; with --write, its certificate and key are put into a folder. Identities are \
                verified before they are shown. The status is 0, 1 when there is no usable answer, 2 for wrong arguments.
                """
        )

        enum Kind: String, ExpressibleByArgument, CaseIterable {
            case x509
            case bundles
            case jwt
        }

        @Argument(help: "What is fetched.")
        var kind = Kind.x509

        @Option(help: "The socket, as in unix:///run/agent.sock; otherwise what SPIFFE_ENDPOINT_SOCKET says.")
        var socket: String?

        @Option(help: "The folder that cert.pem, key.pem and ca.pem are written to.")
        var write: String?

        @Option(help: "Whom a token is for; may be repeated.")
        var audience: [String] = []

        @Option(help: "The SPIFFE ID that a token is wanted for; otherwise the first.")
        var spiffeID: String?

        func validate() throws {
            if kind == .jwt, audience.isEmpty { throw ValidationError("jwt needs --audience") }
            if kind != .jwt, !audience.isEmpty || spiffeID != nil {
                throw ValidationError("--audience and --spiffe-id belong to jwt")
            }
            if kind != .x509, write != nil { throw ValidationError("--write belongs to x509") }
        }

        func run() throws {
            do {
                let tool = try WorkloadTool(socket: socket, environment: ProcessEnvironment.value)
                switch kind {
                case .x509: try tool.fetch(writingTo: write).finish()
                case .bundles: try tool.bundles().finish()
                case .jwt: try tool.token(audiences: audience, spiffeID: spiffeID).finish()
                }
            } catch let error as ToolError {
                try ToolResult(error).finish()
            }
        }
    }
}
