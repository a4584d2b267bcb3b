import ArgumentParser
import CountersignRuntime

/// Where the admin API is and who calls it; shared by every command over it.
struct AdminOptions: ParsableArguments {
    @Option(
        help: """
            The admin API: http://HOST:PORT on this host, or https://HOST:PORT of the native API; by default \
            $COUNTERSIGN_URL, or http://127.0.0.1:9090.
            """
    )
    var url: String?

    @Option(help: "A file with a bearer token; by default $COUNTERSIGN_TOKEN_FILE.")
    var tokenFile: String?

    @Option(help: "A PEM file with the roots that an https URL is verified with.")
    var ca: String?

    @Option(help: "A PEM file with the caller's certificate chain.")
    var cert: String?

    @Option(help: "A PEM file with the key of the caller's certificate.")
    var key: String?

    @Flag(help: "Print as JSON.")
    var json = false

    /// What makes the calls of a command whose options have these names.
    func tool(_ names: OptionNames = [:]) throws -> AdminTool {
        var options = AdminConnectionOptions(
            url: url ?? ProcessEnvironment.value("COUNTERSIGN_URL") ?? "http://127.0.0.1:9090"
        )
        options.tokenFile = tokenFile ?? (cert == nil ? ProcessEnvironment.value("COUNTERSIGN_TOKEN_FILE") : nil)
        options.rootsFile = ca
        options.certificateFile = cert
        options.keyFile = key
        do {
            return try AdminTool(options, json: json, names: names)
        } catch {
            try ToolResult(error).finish()
            throw ExitCode.failure
        }
    }
}
