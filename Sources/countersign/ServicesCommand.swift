import ArgumentParser
import CountersignJSON
import CountersignRuntime

/// `countersign services`: the registry.
struct ServicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "services",
        abstract: "List, register and remove the services that may have certificates.",
        subcommands: [List.self, Show.self, Add.self, Remove.self]
    )

    static let base = "/api/admin/services"

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the registered services.")
        @OptionGroup var admin: AdminOptions

        func run() throws {
            let columns = [
                ("NAME", "name"), ("NAMESPACE", "namespace"), ("PROFILE", "profile"), ("OWNER", "owner"),
                ("ORIGIN", "origin"), ("DNS NAMES", "dns_names"), ("SPIFFE ID", "spiffe_id"),
            ]
            try admin.tool()
                .list(base, AdminQuery(), member: "services", columns: columns, limit: Int.max).finish()
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one service.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The service.") var service: String

        func run() throws {
            try admin.tool().call("GET", "\(base)/\(AdminQuery.encoded(service))") { $0.text }.finish()
        }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Register a service.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The service's name.") var service: String
        @Option(help: "The namespace of its SPIFFE ID.") var namespace: String?
        @Option(help: "Its SPIFFE ID, when it is not made from namespace and name.") var spiffeID: String?
        @Option(help: "The profile of its certificates.") var profile: String?
        @Option(help: "Who answers for it.") var owner: String?
        @Option(name: .customLong("dns"), help: "A DNS name that it may carry; may be repeated.") var dnsNames:
            [String] = []
        @Option(name: .customLong("ip"), help: "An IP address that it may carry; may be repeated.") var addresses:
            [String] = []
        @Option(name: .customLong("label"), help: "A label NAME=VALUE; may be repeated.") var labels: [String] = []

        func run() throws {
            var members = [JSONValue.Member("name", .string(service))]
            let texts = [("namespace", namespace), ("spiffe_id", spiffeID), ("profile", profile), ("owner", owner)]
            for (name, value) in texts {
                if let value { members.append(.init(name, .string(value))) }
            }
            if !dnsNames.isEmpty { members.append(.init("dns_names", .strings(dnsNames))) }
            if !addresses.isEmpty { members.append(.init("ip_addresses", .strings(addresses))) }
            if !labels.isEmpty { members.append(.init("labels", .object(try labels.map(Self.label)))) }
            try admin.tool(Self.names).call("POST", base, .object(members)) { document in
                "\(service) is registered as \(AdminTool.cell(document, "spiffe_id"))"
            }.finish()
        }

        private static let names: OptionNames = [
            "name": "<service>", "namespace": "--namespace", "spiffe_id": "--spiffe-id", "profile": "--profile",
            "owner": "--owner", "dns_names": "--dns", "ip_addresses": "--ip", "labels": "--label",
        ]

        private static func label(_ text: String) throws -> JSONValue.Member {
            guard let mark = text.firstIndex(of: "="), mark != text.startIndex else {
                throw ValidationError("--label: expected NAME=VALUE, found '\(text)'")
            }
            return .init(String(text[..<mark]), .string(String(text[text.index(after: mark)...])))
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a service; its certificates stay in force until they end or are revoked."
        )
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The service.") var service: String

        func run() throws {
            try admin.tool().call("DELETE", "\(base)/\(AdminQuery.encoded(service))") { _ in
                "\(service) is removed"
            }.finish()
        }
    }
}
