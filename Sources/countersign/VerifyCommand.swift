import ArgumentParser
import CountersignRuntime

/// `countersign verify`.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Judge a certificate chain as the router judges a peer.",
        discussion: "Exit code 0: valid. 1: not valid, with one reason. 2: arguments that cannot be used."
    )

    @Option(help: "The trusted authorities, PEM or DER. May be repeated; all are trusted.")
    var roots: [String]

    @Option(help: "Certificates that may lead from the leaf to a root, PEM or DER. May be repeated.")
    var intermediates: [String] = []

    @Option(help: "The certificate to judge, PEM or DER.")
    var leaf: String

    @Option(help: "The moment to judge at, RFC 3339; now when absent.")
    var time: String?

    @Option(help: "What the certificate is for: server or client; not looked at when absent.")
    var purpose: String?

    @Option(help: "A name that it must carry: dns:NAME, ip:ADDR or email:ADDR. May be repeated; all are needed.")
    var name: [String] = []

    @Option(help: "The SPIFFE ID that it must carry.")
    var spiffeID: String?

    @Option(help: "Revocation lists, PEM or DER; the leaf must then be covered by a current one. May be repeated.")
    var crl: [String] = []

    @Option(help: "The most intermediate authorities between the leaf and a root.")
    var maxDepth: Int?

    @Flag(help: "Hold every certificate to all that RFC 5280 demands of its issuer.")
    var strict = false

    @Flag(help: "Print the verdict as JSON.")
    var json = false

    func validate() throws {
        try OnlyOnce.check("--leaf", "--time", "--purpose", "--spiffe-id", "--max-depth")
    }

    func run() throws {
        var arguments = VerifyTool.Arguments(roots: self.roots, leaf: self.leaf)
        arguments.intermediates = self.intermediates
        arguments.time = self.time
        arguments.purpose = self.purpose
        arguments.names = self.name
        arguments.spiffeID = self.spiffeID
        arguments.revocationLists = self.crl
        arguments.maxDepth = self.maxDepth
        arguments.isStrict = self.strict
        arguments.json = self.json
        try VerifyTool.run(arguments, now: SystemTime.unixSeconds).finish()
    }
}
