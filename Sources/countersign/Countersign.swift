import ArgumentParser
import CountersignRuntime

/// The `countersign` command.
@main
struct Countersign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "countersign",
        abstract: "Identity, mutual TLS and access policy for services.",
        version: CountersignVersion.current,
        subcommands: Self.commands(for: CommandLine.arguments.dropFirst())
    )

    /// The command that the first argument names, or all of them.
    ///
    /// The parser makes every option of every command that it knows before it reads an argument, and a start takes longer
    /// by each of them.
    private static func commands(for arguments: ArraySlice<String>) -> [any ParsableCommand.Type] {
        let isAboutAll = arguments.contains { argument in
            ["--generate-completion-script", "--experimental-dump-help"].contains { argument.hasPrefix($0) }
        }
        let named = self.allCommands.filter { $0.configuration.commandName == arguments.first }
        return named.isEmpty || isAboutAll ? self.allCommands : named
    }

    private static let allCommands: [any ParsableCommand.Type] = [
        DevCommand.self, AuthorityCommand.self, AgentCommand.self, RouterCommand.self, CACommand.self,
        BundleCommand.self, IssueCommand.self, InspectCommand.self, VerifyCommand.self, CertsCommand.self,
        ServicesCommand.self, TokensCommand.self, TokenCommand.self, AuditCommand.self, ConfigCommand.self,
        RoutesCommand.self, PoliciesCommand.self, NamesCommand.self, ExplainCommand.self, AuthzCommand.self,
        EgressCommand.self, IdentityCommand.self, WorkloadCommand.self, InfraCommand.self,
    ]
}
