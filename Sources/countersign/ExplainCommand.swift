import ArgumentParser
import CountersignRuntime

/// `countersign explain`.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say which rule decides about a request, and why.",
        discussion: """
            With --config by a router's configuration file and the copy of the control plane that it names; else by the \
            running control plane. The status is 0 when the request is let through, and 1 when it is refused.
            """
    )

    @OptionGroup var admin: AdminOptions
    @Option(help: "A certificate file, a SPIFFE ID, the GUID of an app, or app:ORG/SPACE/APP.") var from: String
    @Option(help: "The host.") var to: String
    @Option(help: "The GUID of the app's space, where it has no name.") var space: String?
    @Option(help: "The GUID of the app's organization, where it has no name.") var org: String?
    @Option(help: "A router's configuration file.") var config: String?
    @Argument(help: "The method and the path, or the path alone.") var request: [String]

    func validate() throws {
        guard (1...2).contains(request.count) else { throw ValidationError("give [METHOD] PATH") }
    }

    func run() throws {
        var question = ExplainTool.Question(from: from, to: to)
        question.space = space
        question.organization = org
        question.configuration = config
        question.path = request.last ?? "/"
        if request.count == 2 { question.method = request[0] }
        let connection = config == nil ? try admin.tool().control : nil
        try ExplainTool.run(question, isJSON: admin.json, connection).finish()
    }
}
