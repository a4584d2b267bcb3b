import ArgumentParser
import CountersignRuntime

/// `countersign policies`: who may call which route.
struct PoliciesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies",
        abstract: "List, add and remove who may call a route, and suggest it from observed traffic.",
        discussion: """
            A source is cf:app:GUID, cf:space:GUID, cf:org:GUID, cf:any, a SPIFFE ID with * for segments, or \
            names: app:ORG/SPACE/APP, space:ORG/SPACE, org:ORG.
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
            abstract: "Write the least policies that observed traffic needs.",
            discussion: """
                With --router or --config for the places that the routes are in, as YAML with a document for each: options of \
                router.routes, a manifest, options of registrations; else a manifest of what the control plane has.
                Reads the JSON access log of a router. Every request whose caller is known counts, also one that was \
                refused only for want of a policy; look at what is suggested before you apply it.
                """
        )
        @OptionGroup var admin: AdminOptions
        @Option(help: "The access log.") var accessLog: String
        @Flag(help: "Also for requests that were refused.") var refused = false
        @Option(help: "The admin listener of the running router, which has the routes: HOST:PORT.") var router: String?
        @Option(help: "The router's configuration file, where it has the routes.") var config: String?
        @Option(name: .customLong("for"), help: "The only place to write for: file, control-plane or bus.")
        var place: String?

        func validate() throws {
            guard config == nil || router == nil else { throw ValidationError("give --config or --router") }
            guard place == nil || placeFound != nil else {
                throw ValidationError("--for is file, control-plane or bus")
            }
        }

        private var placeFound: SuggestedPolicies.Place? { place.flatMap(SuggestedPolicies.Place.init) }

        private var routes: ControlTool.RoutesOf {
            if let router { return .router(router) }
            return config.map { .configuration($0) } ?? .controlPlane
        }

        func run() throws {
            try ControlTool(admin.tool()).suggest(
                accessLog,
                countsRefused: refused,
                routes: routes,
                place: placeFound
            ).finish()
        }
    }
}
