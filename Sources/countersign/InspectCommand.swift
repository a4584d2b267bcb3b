import ArgumentParser
import CountersignRuntime

/// `countersign inspect`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what certificates, requests, revocation lists and keys say, from files or a live host.",
        discussion: "Nothing is verified, and no private key is ever shown."
    )

    @Argument(help: "Files, PEM or DER.")
    var files: [String] = []

    @Option(help: "A live host, HOST:PORT or [ADDRESS]:PORT.")
    var connect: String?

    @Option(name: .customLong("servername"), help: "The server name to ask the live host for; the host when absent.")
    var serverName: String?

    @Option(help: "How long the live host may take in all; 10s when absent.")
    var timeout: String?

    @Flag(help: "Print as JSON.")
    var json = false

    func validate() throws {
        try OnlyOnce.check("--connect", "--servername", "--timeout")
    }

    func run() throws {
        var arguments = InspectTool.Arguments()
        arguments.files = self.files
        arguments.connect = self.connect
        arguments.serverName = self.serverName
        arguments.timeout = self.timeout
        arguments.json = self.json
        let result = InspectTool.run(
            arguments,
            now: SystemTime.unixSeconds,
            fetchChain: LiveHost.certificates(host:port:serverName:timeout:)
        )
        try result.finish()
    }
}
