import ArgumentParser
import CountersignJSON
import CountersignRuntime

/// `countersign token`: service tokens and JWT-SVIDs.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Get, verify and inspect service tokens and JWT-SVIDs; look after the keys that sign them.",
        discussion: "Tokens for agents and administrators are made with `countersign tokens`.",
        subcommands: [Issue.self, Verify.self, Inspect.self, Keys.self]
    )

    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Get a token by the certificate of a service; it is printed, and nowhere else.",
            discussion: """
                It takes the native API (--url https://…) with --ca, --cert and --key. The token is bound to the \
                certificate, and good for nobody without it.
                """
        )
        @OptionGroup var admin: AdminOptions
        @Option(name: .customLong("audience"), help: "Whom it is for; may be repeated.") var audiences: [String]
        @Option(
            name: .customLong("role"),
            help: "A role of the registration; all of them when absent. May be repeated."
        )
        var roles: [String] = []
        @Option(
            name: .customLong("scope"),
            help: "A scope of the registration; all of them when absent. May be repeated."
        )
        var scopes: [String] = []
        @Option(help: "How long it is good, such as 60s or 5m.") var ttl: String?
        @Flag(help: "Get a JWT-SVID, which is bound to nothing.") var svid = false
        @Option(help: "With --svid, by an agent: the service whose SVID it is.") var service: String?

        func validate() throws {
            try OnlyOnce.check("--ttl", "--service")
            guard svid || service == nil else { throw ValidationError("--service needs --svid") }
            guard !svid || roles.isEmpty && scopes.isEmpty else {
                throw ValidationError("a JWT-SVID has neither roles nor scopes")
            }
        }

        func run() throws {
            var members: [JSONValue.Member] = [.init("audiences", .strings(audiences))]
            if !roles.isEmpty { members.append(.init("roles", .strings(roles))) }
            if !scopes.isEmpty { members.append(.init("scopes", .strings(scopes))) }
            if let service { members.append(.init("service", .string(service))) }
            if let ttl {
                guard let seconds = Lifetime.seconds(parsing: ttl) else {
                    throw ValidationError("--ttl: expected a time such as 60s or 5m")
                }
                members.append(.init("ttl_seconds", .number(seconds)))
            }
            let names: OptionNames = [
                "audiences": "--audience", "roles": "--role", "scopes": "--scope", "ttl_seconds": "--ttl",
                "service": "--service",
            ]
            let (path, member) = svid ? ("/v1/jwt-svids", "svid") : ("/v1/tokens", "token")
            try admin.tool(names).call("POST", path, .object(members)) { AdminTool.cell($0, member) }.finish()
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Judge a token by its issuer's keys.",
            discussion: "Exit code 0: valid. 1: not valid, with one reason. 2: arguments that cannot be used."
        )
        @Argument(help: "A file with the token; - for standard input.") var file: String
        @Option(help: "The issuer's keys: a JSON Web Key set or a SPIFFE bundle.") var keys: String
        @Option(name: .customLong("audience"), help: "Whom it may be for; may be repeated, one is enough.")
        var audiences: [String]
        @Option(help: "What it has to be: service, svid or bearer.") var kind = "service"
        @Option(help: "Who has to have made it.") var issuer: String?
        @Option(help: "The trust domain of its subject.") var trustDomain: String?
        @Option(help: "The certificate that it has to be bound to, PEM or DER; a bound token needs it.")
        var certificate: String?
        @Flag(help: "Leave a binding out of account: the verdict is about the token, not about whoever shows it.")
        var ignoreBinding = false
        @Option(help: "How far clocks may be apart, in seconds, 0 to 300.") var skew: Int64 = 30
        @Flag(help: "Print the verdict as JSON.") var json = false

        func validate() throws {
            guard certificate == nil || !ignoreBinding else {
                throw ValidationError("--certificate and --ignore-binding exclude each other")
            }
            try OnlyOnce.check("--keys", "--kind", "--issuer", "--trust-domain", "--certificate", "--skew")
            guard (0...300).contains(skew) else { throw ValidationError("--skew: expected 0 to 300 seconds") }
        }

        func run() throws {
            var arguments = TokenTool.Arguments(file: file)
            arguments.keys = keys
            arguments.kind = kind
            arguments.audiences = audiences
            arguments.issuer = issuer
            arguments.trustDomain = trustDomain
            arguments.certificate = certificate
            arguments.ignoresBinding = ignoreBinding
            arguments.skewSeconds = skew
            arguments.json = json
            try TokenTool.verify(arguments, now: SystemTime.unixSeconds).finish()
        }
    }

    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a token says, without verifying any of it."
        )
        @Argument(help: "A file with the token; - for standard input.") var file: String
        @Flag(help: "Print as JSON.") var json = false

        func run() throws { try TokenTool.inspect(file: file, json: json).finish() }
    }
}
