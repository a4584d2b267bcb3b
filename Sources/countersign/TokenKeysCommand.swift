import ArgumentParser
import CountersignJSON
import CountersignRuntime

extension TokenCommand {
    /// `countersign token keys`.
    struct Keys: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List, rotate and drop the keys that sign tokens.",
            subcommands: [List.self, Rotate.self, Drop.self],
            defaultSubcommand: List.self
        )

        static let base = "/api/admin/token-keys"
        static let columns = [
            ("KEY", "kid"), ("ALGORITHM", "algorithm"), ("STATE", "state"), ("PUBLISHED", "published_at"),
            ("SIGNS SINCE", "signs_since"), ("SIGNED UNTIL", "signed_until"),
        ]

        struct List: ParsableCommand {
            static let configuration = CommandConfiguration(abstract: "List the keys, without their private halves.")
            @OptionGroup var admin: AdminOptions

            func run() throws {
                try admin.tool().list(base, AdminQuery(), member: "keys", columns: columns, limit: Int.max).finish()
            }
        }

        struct Rotate: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Have the next key take over as soon as every verifier can know it; no token is refused."
            )
            @OptionGroup var admin: AdminOptions

            func run() throws {
                try admin.tool().call("POST", "\(base)/rotate") { _ in "the next key takes over when it is known" }
                    .finish()
            }
        }

        struct Drop: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Remove a key at once, for one that others may have: every token that it signed is refused.",
                discussion: "Verifiers refuse them once they have fetched the key set again."
            )
            @OptionGroup var admin: AdminOptions
            @Argument(help: "The key's name.") var key: String

            func run() throws {
                try admin.tool()
                    .call("DELETE", "\(base)/\(AdminQuery.encoded(key))") { _ in "\(key) is removed" }
                    .finish()
            }
        }
    }
}
