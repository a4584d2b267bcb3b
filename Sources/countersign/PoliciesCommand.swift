import ArgumentParser
import CountersignRuntime

/// `countersign policies`: who may call which route.
struct PoliciesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies",
        abstract: "List, add and remove who may call a route, and suggest it from observed traffic.",
        discussion: """
            A source is cf:app:GUID, cf:space:GUID, cf:org:GUID, cf:any, a SPIFFE ID (with * for one segment, or /** at \
            the end), or names: app:ORG/SPACE/APP, space:ORG/SPACE, org:ORG.
            """,
        subcommands: [List.self, Add.self, Remove.self, Suggest.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the policies.")
        @OptionGroup var admin: AdminOptions
        @Option(help: "Only those of a route: HOST/PATH or its GUID.") var route: String?
        @Flag(help: "Those of the callers' side.") var callers = false

        func run() throws {
            try ControlTool(admin.tool()).listPolicies(ofCallers: callers, route: route).finish()
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let sources call a route.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The route: HOST/PATH or its GUID.") var route: String
        @Argument(help: "Who may call.") var sources: [String]
        @Flag(help: "For the callers' side.") var callers = false

        func run() throws {
            try ControlTool(admin.tool()).addPolicies(ofCallers: callers, route: route, sources: sources).finish()
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let sources call a route no more.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The route: HOST/PATH or its GUID.") var route: String
        @Argument(help: "Who may call no more.") var sources: [String]
        @Flag(help: "For the callers' side.") var callers = false

        func run() throws {
            try ControlTool(admin.tool()).removePolicies(ofCallers: callers, route: route, sources: sources).finish()
        }
    }

    struct Suggest: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the least policies that observed traffic needs, as a manifest.",
            discussion: """
                Reads the JSON access log of a router. Every request whose caller is known counts, also one that was \
                refused only for want of a policy; look at what is suggested before you apply it.
                """
        )
        @OptionGroup var admin: AdminOptions
        @Option(help: "The access log.") var accessLog: String
        @Flag(help: "Also for requests that were refused.") var refused = false

        func run() throws {
            try ControlTool(admin.tool()).suggest(accessLog, countsRefused: refused).finish()
        }
    }
}
