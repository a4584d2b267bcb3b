import ArgumentParser
import CountersignRuntime

/// `countersign ca init-intermediate`.
struct CAInitIntermediateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init-intermediate",
        abstract: "Make an intermediate's private key and the request for its certificate. On the authority's machine.",
        discussion:
            "Writes intermediate.csr, and intermediate-key.pem with mode 0600, unencrypted unless told otherwise."
    )

    @Option(help: "The directory for intermediate.csr and intermediate-key.pem.")
    var out: String

    @Option(help: "The kind of key: p256, p384, rsa2048, rsa3072 or rsa4096.")
    var key = "p256"

    @OptionGroup
    var names: CACommandNames

    @Option(help: "The trust domain that the intermediate speaks for.")
    var trustDomain: String?

    @Flag(help: "Encrypt the key; the authority itself reads only one that is not.")
    var encrypt = false

    @Option(help: "A file of mode 0600 whose one line is the passphrase for --encrypt.")
    var passphraseFile: String?

    @Flag(help: "Replace files that are there.")
    var force = false

    func validate() throws {
        guard self.encrypt || self.passphraseFile == nil else {
            throw ValidationError("--passphrase-file goes with --encrypt")
        }
    }

    func run() throws {
        var arguments = InitIntermediateTool.Arguments(
            outputDirectory: self.out,
            names: self.names.names(default: "Countersign Intermediate")
        )
        arguments.keyKind = self.key
        arguments.trustDomain = self.trustDomain
        arguments.encrypts = self.encrypt
        arguments.force = self.force
        try InitIntermediateTool.run(arguments, passphrase: PassphraseSource(file: self.passphraseFile)).finish()
    }
}
