import ArgumentParser
import CountersignRuntime

/// `countersign names`: what organizations, spaces and apps are called.
struct NamesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "names",
        abstract: "List and give names to organizations, spaces and apps.",
        discussion: "A name is a path: org:ORG, space:ORG/SPACE or app:ORG/SPACE/APP; / within a name is written %2F.",
        subcommands: [List.self, Put.self, Remove.self, Log.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the names with their GUIDs.")
        @OptionGroup var admin: AdminOptions

        func run() throws { try ControlTool(admin.tool()).listNames().finish() }
    }

    struct Put: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a name to what has a GUID, or another name.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The name.") var name: String
        @Argument(help: "The GUID.") var guid: String

        func run() throws { try ControlTool(admin.tool()).putName(name, guid: guid).finish() }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a name, and those of what belongs to it; policies stay as they are."
        )
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The name.") var name: String

        func run() throws { try ControlTool(admin.tool()).removeName(name).finish() }
    }

    struct Log: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a JSON access log with the names of callers beside their GUIDs."
        )
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The access log.") var file: String

        func run() throws { try ControlTool(admin.tool()).nameLog(file).finish() }
    }
}
