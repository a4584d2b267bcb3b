import ArgumentParser
import CountersignRuntime

/// `countersign identity`.
struct IdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity",
        abstract: "See which identity a certificate gives its holder.",
        subcommands: [Explain.self]
    )

    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what each rule of a mapping says of a certificate, and the ARN that comes of it.",
            discussion: """
                Nothing is verified. The status is 0 when the holder has an ARN, 1 when there is none, and 2 when a file \
                cannot be used.
                """
        )

        @Argument(help: "The certificate, PEM or DER; the first one of the file.")
        var certificate: String

        @Option(help: "The file with the rules.")
        var mappings: String

        @Flag(help: "Print one JSON object.")
        var json = false

        func run() throws {
            try IdentityExplainTool.run(
                certificate: certificate,
                mappings: mappings,
                environment: ProcessEnvironment.value,
                json: json
            ).finish()
        }
    }
}
