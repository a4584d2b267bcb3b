import ArgumentParser

/// `countersign bundle`.
struct BundleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Trust bundles: export the own one, fetch that of another trust domain.",
        subcommands: [BundleExportCommand.self, BundleFetchCommand.self]
    )
}
