import ArgumentParser
import CountersignRuntime

/// `countersign ca sign-intermediate`.
struct CASignIntermediateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign-intermediate",
        abstract: "Sign an intermediate's request with the root. On the offline machine.",
        discussion: "Compare the SHA-256 of the key with what init-intermediate printed before the certificate leaves."
    )

    @Option(help: "The root's certificate, PEM.")
    var rootCert: String

    @Option(help: "The root's private key, PEM; refused when others may read it.")
    var rootKey: String

    @Option(help: "The intermediate's certificate request, PEM or DER.")
    var csr: String

    @Option(help: "The file for the intermediate's certificate.")
    var out: String

    @Option(help: "How many days the certificate is valid; never longer than the root.")
    var days = 1_825

    @Option(help: "How many authorities may stand between the intermediate and a leaf.")
    var pathLength = 0

    @Option(help: "A trust domain that identities below must lie in. May be repeated.")
    var permitTrustDomain: [String] = []

    @Option(help: "A domain that DNS names below must lie in, with its subdomains. May be repeated.")
    var permitDNS: [String] = []

    @Option(help: "Where the root's revocation list is. May be repeated.")
    var crlURL: [String] = []

    @Option(help: "Where OCSP is answered for the root. May be repeated.")
    var ocspURL: [String] = []

    @Option(help: "Where the root's certificate is. May be repeated.")
    var issuerURL: [String] = []

    @Option(help: "A file of mode 0600 whose one line is the passphrase of the root's key.")
    var passphraseFile: String?

    @Flag(help: "Replace a file that is there.")
    var force = false

    func run() throws {
        var arguments = SignIntermediateTool.Arguments(
            rootCertificate: self.rootCert,
            rootKey: self.rootKey,
            request: self.csr,
            output: self.out
        )
        arguments.days = self.days
        arguments.pathLength = self.pathLength
        arguments.permittedTrustDomains = self.permitTrustDomain
        arguments.permittedDNSNames = self.permitDNS
        arguments.revocationListURIs = self.crlURL
        arguments.ocspURIs = self.ocspURL
        arguments.issuerURIs = self.issuerURL
        arguments.force = self.force
        try SignIntermediateTool.run(
            arguments,
            passphrase: PassphraseSource(file: self.passphraseFile),
            now: SystemTime.unixSeconds
        ).finish()
    }
}
