import ArgumentParser

/// `countersign ca`.
struct CACommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca",
        abstract: "The ceremony that makes a hierarchy: an offline root and an intermediate for the authority.",
        subcommands: [
            CAInitRootCommand.self, CAInitIntermediateCommand.self, CASignIntermediateCommand.self,
            CASignCRLCommand.self,
        ]
    )
}
