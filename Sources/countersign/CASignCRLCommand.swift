import ArgumentParser
import CountersignRuntime

/// `countersign ca sign-crl`.
struct CASignCRLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign-crl",
        abstract:
            "Sign the root's revocation list, which says which intermediates count no more. On the offline machine.",
        discussion: "A list that is there is continued: what it names stays revoked, and its number rises."
    )

    @Option(help: "The root's certificate, PEM.")
    var rootCert: String

    @Option(help: "The root's private key, PEM; refused when others may read it.")
    var rootKey: String

    @Option(help: "The file for the list, PEM.")
    var out: String

    @Option(help: "The certificate of an intermediate that is revoked, PEM. May be repeated.")
    var revoke: [String] = []

    @Option(help: "Why: keyCompromise, cACompromise, superseded, cessationOfOperation, unspecified and others.")
    var reason = "unspecified"

    @Option(help: "How many days the list may be relied upon.")
    var days = 180

    @Option(help: "A file of mode 0600 whose one line is the passphrase of the root's key.")
    var passphraseFile: String?

    func run() throws {
        var arguments = SignRevocationListTool.Arguments(
            rootCertificate: self.rootCert,
            rootKey: self.rootKey,
            output: self.out
        )
        arguments.revoked = self.revoke
        arguments.reason = self.reason
        arguments.days = self.days
        try SignRevocationListTool.run(
            arguments,
            passphrase: PassphraseSource(file: self.passphraseFile),
            now: SystemTime.unixSeconds
        ).finish()
    }
}
