import ArgumentParser
import CountersignJSON
import CountersignRuntime

/// `countersign tokens`: join tokens of agents and bearer tokens of the admin API.
struct TokensCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "Make and remove join tokens for agents and bearer tokens for the admin API.",
        subcommands: [List.self, Join.self, Bearer.self, Remove.self]
    )

    static let base = "/api/admin/tokens"

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the tokens, without their secrets.")
        @OptionGroup var admin: AdminOptions

        func run() throws {
            let columns = [
                ("NAME", "name"), ("KIND", "kind"), ("ROLE", "role"), ("AGENT", "agent"), ("SERVICES", "services"),
                ("EXPIRES", "expires_at"), ("USED", "used_at"), ("CREATOR", "creator"),
            ]
            try admin.tool().list(base, AdminQuery(), member: "tokens", columns: columns, limit: Int.max).finish()
        }
    }

    struct Join: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token that admits one agent, once; it is printed, and nowhere else."
        )
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The agent's name.") var agent: String
        @Option(name: .customLong("service"), help: "A service whose certificates the agent may have; may be repeated.")
        var services: [String] = []
        @OptionGroup var lifetime: TokenLifetime

        func run() throws {
            let members: [JSONValue.Member] = [
                .init("name", .string(agent)), .init("kind", .string("join")), .init("agent", .string(agent)),
                .init("services", .strings(services)),
            ]
            let names: OptionNames = [
                "name": "<agent>", "agent": "<agent>", "services": "--service", "ttl_seconds": "--ttl",
            ]
            try admin.tool(names)
                .call("POST", base, .object(members + lifetime.members)) { AdminTool.cell($0, "token") }.finish()
        }
    }

    struct Bearer: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a bearer token for the admin API; it is printed, and nowhere else."
        )
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The token's name.") var name: String
        @Option(help: "What it may do: admin, operator or auditor.") var role = "auditor"
        @OptionGroup var lifetime: TokenLifetime

        func run() throws {
            let members: [JSONValue.Member] = [
                .init("name", .string(name)), .init("kind", .string("bearer")), .init("role", .string(role)),
            ]
            let names: OptionNames = ["name": "<name>", "role": "--role", "ttl_seconds": "--ttl"]
            try admin.tool(names)
                .call("POST", base, .object(members + lifetime.members)) { AdminTool.cell($0, "token") }.finish()
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a token.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The token's name.") var name: String
        @Flag(help: "Remove even the last token of an administrator.") var force = false

        func run() throws {
            var query = AdminQuery()
            if force { query.add("force", "true") }
            try admin.tool()
                .call("DELETE", "\(base)/\(AdminQuery.encoded(name))\(query.text)") { _ in "\(name) is removed" }
                .finish()
        }
    }
}
