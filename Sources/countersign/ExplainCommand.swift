import ArgumentParser
import CountersignRuntime

/// `countersign explain`.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which rule decides about a request, and why.",
        discussion: """
            With --router by a running router, which knows everything that it decides by; with --config by a router's \
            configuration file and the copy of the control plane that it names; else by the running control plane. What \
            an answer cannot know, it says. The status is 0 when the request is let through, and 1 when it is refused or \
            that cannot be told.
            """
    )

    @OptionGroup var admin: AdminOptions
    @Option(
        help: "A file with a certificate and those above it, a SPIFFE ID, the GUID of an app, or app:ORG/SPACE/APP."
    ) var from: String
    @Option(help: "The host.") var to: String
    @Option(help: "The GUID of the app's space, where it has no name.") var space: String?
    @Option(help: "The GUID of the app's organization, where it has no name.") var org: String?
    @Option(help: "A router's configuration file.") var config: String?
    @Option(help: "The admin listener of a running router on this host: HOST:PORT or http://HOST:PORT.") var router:
        String?
    @Argument(help: "The method and the path, or the path alone.") var request: [String]

    func validate() throws {
        guard (1...2).contains(request.count) else { throw ValidationError("give [METHOD] PATH") }
        guard config == nil || router == nil else { throw ValidationError("give --config or --router") }
    }

    func run() throws {
        var question = ExplainTool.Question(from: from, to: to)
        question.space = space
        question.organization = org
        question.configuration = config
        question.router = router
        question.path = request.last ?? "/"
        if request.count == 2 { question.method = request[0] }
        // With a file, nobody has to be there to answer.
        let connection = config == nil ? try admin.tool().control : nil
        try ExplainTool.run(question, isJSON: admin.json, connection).finish()
    }
}
