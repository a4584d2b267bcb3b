import ArgumentParser
import CountersignRuntime

/// `countersign ca init-root`.
struct CAInitRootCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init-root",
        abstract: "Make a root: its certificate, and its private key under a passphrase. On the offline machine.",
        discussion: """
            Writes root.pem, and root-key.pem with mode 0600. The passphrase is asked for twice at the terminal unless it \
            is in a file.
            """
    )

    @Option(help: "The directory for root.pem and root-key.pem.")
    var out: String

    @Option(help: "The kind of key: p384, p256, rsa2048, rsa3072 or rsa4096.")
    var key = "p384"

    @OptionGroup
    var names: CACommandNames

    @Option(help: "How many days the root is valid.")
    var days = 3_650

    @Option(help: "How many authorities may stand between the root and a leaf.")
    var pathLength = 1

    @Option(help: "A file of mode 0600 whose one line is the passphrase.")
    var passphraseFile: String?

    @Option(help: "How the passphrase protects the key: scrypt or pbkdf2.")
    var kdf = "scrypt"

    @Flag(help: "Replace files that are there.")
    var force = false

    func run() throws {
        var arguments = InitRootTool.Arguments(
            outputDirectory: self.out,
            names: self.names.names(default: "Countersign Root")
        )
        arguments.keyKind = self.key
        arguments.days = self.days
        arguments.pathLength = self.pathLength
        arguments.derivation = self.kdf
        arguments.force = self.force
        try InitRootTool.run(
            arguments,
            passphrase: PassphraseSource(file: self.passphraseFile),
            now: SystemTime.unixSeconds
        ).finish()
    }
}
