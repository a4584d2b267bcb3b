import ArgumentParser
import CountersignRuntime

/// The `countersign` command.
@main
struct Countersign: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "countersign",
        abstract: "Identity, mutual TLS and access policy for services.",
        version: CountersignVersion.current,
        subcommands: [
            DevCommand.self, AuthorityCommand.self, AgentCommand.self, RouterCommand.self, CACommand.self,
            BundleCommand.self, IssueCommand.self,
            InspectCommand.self, VerifyCommand.self, CertsCommand.self, ServicesCommand.self, TokensCommand.self,
            TokenCommand.self,
            AuditCommand.self, ConfigCommand.self, RoutesCommand.self, PoliciesCommand.self, NamesCommand.self,
            ExplainCommand.self, AuthzCommand.self, EgressCommand.self, IdentityCommand.self, WorkloadCommand.self,
            InfraCommand.self,
        ]
    )
}
