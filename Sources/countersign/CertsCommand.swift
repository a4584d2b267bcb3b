import ArgumentParser
import CountersignJSON
import CountersignRuntime

/// `countersign certs`: the inventory.
struct CertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs",
        abstract: "Issue, list, show, rotate and revoke certificates of the authority.",
        subcommands: [Issue.self, Sign.self, List.self, Show.self, Rotate.self, Revoke.self, Hold.self, Release.self]
    )

    static let base = "/api/admin/security/certificates"

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List certificates, newest first.")
        @OptionGroup var admin: AdminOptions
        @Option(help: "Only those of this service.") var service: String?
        @Option(help: "Only those in this state: active, expired, revoked or held.") var state: String?
        @Option(help: "Only those that end before this time, in RFC 3339.") var expiresBefore: String?
        @Option(help: "How many at most.") var limit = 100

        func run() throws {
            var query = AdminQuery()
            query.add("service", service)
            query.add("state", state)
            query.add("expires_before", expiresBefore)
            query.add("limit", String(min(max(limit, 1), 1000)))
            let columns = [
                ("SERIAL", "serial"), ("SERVICE", "service"), ("STATE", "state"), ("PROFILE", "profile"),
                ("NOT AFTER", "not_after"), ("CHANNEL", "channel"), ("SPIFFE ID", "spiffe_id"),
            ]
            try admin.tool().list(base, query, member: "certificates", columns: columns, limit: limit).finish()
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one certificate.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The serial number in hexadecimal.") var serial: String

        func run() throws {
            let path = "/api/admin/security/serials/\(AdminQuery.encoded(serial))"
            try admin.tool().call("GET", path) { document in
                let members = [
                    "serial", "service", "state", "profile", "subject", "spiffe_id", "names", "not_before",
                    "not_after", "issued_at", "key_algorithm", "fingerprint_sha256", "channel", "requester",
                    "revocation",
                ]
                let lines = members.map { "\($0): \(AdminTool.cell(document, $0))" }
                return (lines + [AdminTool.cell(document, "certificate")]).joined(separator: "\n")
            }.finish()
        }
    }

    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Have a service's certificate renewed now.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The service.") var service: String

        func run() throws {
            try admin.tool().call("POST", "\(base)/\(AdminQuery.encoded(service))/rotate") { document in
                "rotation of \(service) asked for at \(AdminTool.cell(document, "requested_at"))"
            }.finish()
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a service's certificates, or one of them.")
        @OptionGroup var admin: AdminOptions
        @OptionGroup var target: RevocationTarget
        @Option(help: "The reason, as RFC 5280 names it: keyCompromise, superseded, ...") var reason = "unspecified"

        func run() throws { try target.revoke(admin, reason: reason, word: "revoked") }
    }

    struct Hold: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Suspend certificates until they are released.")
        @OptionGroup var admin: AdminOptions
        @OptionGroup var target: RevocationTarget

        func run() throws { try target.revoke(admin, reason: "certificateHold", word: "held") }
    }

    struct Release: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Release certificates from hold.")
        @OptionGroup var admin: AdminOptions
        @OptionGroup var target: RevocationTarget

        func run() throws { try target.revoke(admin, reason: "removeFromCRL", word: "released") }
    }
}

/// Which certificates are revoked.
struct RevocationTarget: ParsableArguments {
    @Argument(help: "The service.") var service: String
    @Option(help: "Only the certificate with this serial number, in hexadecimal.") var serial: String?

    func revoke(_ admin: AdminOptions, reason: String, word: String) throws {
        var members = [JSONValue.Member("reason", .string(reason))]
        if let serial { members.append(.init("serial", .string(serial))) }
        let path = "\(CertsCommand.base)/\(AdminQuery.encoded(service))/revoke"
        try admin.tool().call("POST", path, .object(members)) { document in
            guard case .object(let all) = document, case .array(let events)? = all.first?.value else { return word }
            return events.map { "\(AdminTool.cell($0, "serial")) \(word)" }.joined(separator: "\n")
        }.finish()
    }
}
