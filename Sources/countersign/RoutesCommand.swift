import ArgumentParser
import CountersignRuntime

/// `countersign routes`: the routes of a control plane, one by one and by manifest.
struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes",
        abstract: "List, apply, compare, export and delete the routes of the control plane.",
        subcommands: [List.self, Get.self, Apply.self, Diff.self, Export.self, Delete.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the routes.")
        @OptionGroup var admin: AdminOptions

        func run() throws { try ControlTool(admin.tool()).listRoutes().finish() }
    }

    struct Get: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one route.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The route as HOST/PATH, or its GUID.") var route: String

        func run() throws { try ControlTool(admin.tool()).getRoute(route).finish() }
    }

    struct Apply: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make routes and policies what a manifest says, and show what was changed.",
            discussion: """
                What the manifest does not name stays as it is: routes that are not in it, and options, endpoints or \
                policies of a route that has no such key.
                """
        )
        @OptionGroup var admin: AdminOptions
        @Option(name: .shortAndLong, help: "The manifest.") var file: String

        func run() throws { try ControlTool(admin.tool()).apply(file).finish() }
    }

    struct Diff: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what applying a manifest would change; the exit code is 1 when it is anything."
        )
        @OptionGroup var admin: AdminOptions
        @Option(name: .shortAndLong, help: "The manifest.") var file: String

        func run() throws { try ControlTool(admin.tool()).diff(file).finish() }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a manifest of all domains, routes and policies."
        )
        @OptionGroup var admin: AdminOptions
        @Flag(help: "Write names in place of GUIDs that have them.") var names = false

        func run() throws { try ControlTool(admin.tool()).export(usesNames: names).finish() }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a route with its policies.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The route as HOST/PATH, or its GUID.") var route: String

        func run() throws { try ControlTool(admin.tool()).deleteRoute(route).finish() }
    }
}
