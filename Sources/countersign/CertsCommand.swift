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
        @OptionGroup var shown: ListLimit

        func run() throws {
            var query = AdminQuery()
            query.add("service", service)
            query.add("state", state)
            query.add("expires_before", expiresBefore)
            shown.add(to: &query)
            let columns = [
                ("SERIAL", "serial"), ("SERVICE", "service"), ("STATE", "state"), ("PROFILE", "profile"),
                ("NOT AFTER", "not_after"), ("CHANNEL", "channel"), ("SPIFFE ID", "spiffe_id"),
            ]
            let names: OptionNames = [
                "service": "--service", "state": "--state", "expires_before": "--expires-before",
            ]
            try admin.tool(names)
                .list(base, query, member: "certificates", columns: columns, limit: shown.limit).finish()
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one certificate.")
        @OptionGroup var admin: AdminOptions
        @Argument(help: "The serial number in hexadecimal.") var serial: String

        func run() throws {
            let path = "/api/admin/security/serials/\(AdminQuery.encoded(serial))"
            try admin.tool(["serial": "<serial>"]).call("GET", path) { document in
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
        @Option(
            help: """
                A directory for a certificate in their place, issued in the same step: cert.pem, key.pem and ca.pem. \
                Nothing is revoked when it cannot be issued.
                """
        )
        var replace: String?

        func run() throws { try target.revoke(admin, reason: reason, word: "revoked", replacement: replace) }
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

    func revoke(_ admin: AdminOptions, reason: String, word: String, replacement: String? = nil) throws {
        var members = [JSONValue.Member("reason", .string(reason))]
        if let serial { members.append(.init("serial", .string(serial))) }
        try admin.tool(["reason": "--reason", "serial": "--serial"])
            .revoke(service, members, word: word, replacement: replacement).finish()
    }
}
