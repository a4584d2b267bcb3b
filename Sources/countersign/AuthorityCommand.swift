import ArgumentParser
import CountersignConfiguration
import CountersignRuntime

struct AuthorityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "Run the certificate authority, and look after its inventory.",
        subcommands: [Run.self, Init.self, Backup.self, Restore.self, Reconcile.self, Verify.self],
        defaultSubcommand: Run.self
    )

    struct Run: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the certificate authority.",
            discussion: """
                Ends with code 78 when the configuration is refused; every problem is printed with file, line and \
                column. SIGHUP takes the log level up anew, SIGTERM finishes requests in flight and ends.
                """
        )

        @Option(help: "The configuration file.")
        var config: String

        func run() throws {
            do {
                try AuthorityProgram.run(
                    path: config,
                    loader: ConfigurationLoader(environment: ProcessEnvironment.value)
                )
            } catch let refusal as ConfigurationRefusal {
                Console.complain(refusal.description)
                throw ExitCode(78)
            }
        }
    }

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init",
            abstract: "Make the empty inventory of a new authority, before its first start.",
            discussion: """
                The authority makes none by itself, unless store.create says so: an inventory that is missing is rather \
                one whose disk is not there, and without it nothing is revoked any more.
                """
        )

        @OptionGroup var inventory: InventoryOptions

        func run() throws { try inventory.tool().initialize().finish() }
    }

    struct Backup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy the inventory to a new file, while the authority works.",
            discussion: "The issuance log is not part of it: keep that where it is, and never put an old copy back."
        )

        @OptionGroup var inventory: InventoryOptions
        @Argument(help: "The file to make; nothing may be there.") var file: String

        func run() throws { try inventory.tool().backUp(to: file).finish() }
    }

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a backup in the place of the inventory; the authority must be stopped.",
            discussion: "Nothing is served from it before it is reconciled with the issuance log."
        )

        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var loss: LostLogOptions
        @Argument(help: "The backup.") var file: String

        func run() throws { try inventory.tool().restore(file, acceptsLostLog: loss.acceptLostLog).finish() }
    }

    struct Reconcile: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make every change again that the issuance log holds and a restored inventory does not.",
            discussion: "Changes nothing when there is nothing to be made again. Interrupted, it may be run again."
        )

        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var loss: LostLogOptions

        func run() throws { try inventory.tool().reconcile(acceptsLostLog: loss.acceptLostLog).finish() }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the issuance log from its first record to its last; the authority must be stopped.",
            discussion: "A start reads of a log longer than 64 MiB what follows the inventory's position only."
        )

        @OptionGroup var inventory: InventoryOptions

        func run() throws { try inventory.tool().verify().finish() }
    }
}

/// Which inventory is meant.
struct InventoryOptions: ParsableArguments {
    @Option(help: "The authority's configuration file.")
    var config: String

    @Flag(help: "Print one JSON object.")
    var json = false

    func tool() throws -> AuthorityStoreTool {
        do {
            let loader = ConfigurationLoader(environment: ProcessEnvironment.value)
            return try AuthorityStoreTool(configuration: config, loader: loader, json: json)
        } catch {
            try ToolResult(error).finish()
            throw ExitCode.failure
        }
    }
}

/// What is given up when the issuance log cannot be brought back.
struct LostLogOptions: ParsableArguments {
    @Flag(help: "Forget what was issued and revoked since the backup: the issuance log is lost.")
    var acceptLostLog = false
}
