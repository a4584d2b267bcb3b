import CountersignPKI

/// `countersign ca init-root`: makes the root of a hierarchy, on the offline machine.
package struct InitRootTool: Sendable {
    /// What the root is to be, and where it goes.
    package struct Arguments: Sendable {
        /// The directory for `root.pem` and `root-key.pem`.
        package var outputDirectory: String
        /// The root's name.
        package var names: CeremonyNames
        /// The kind of key: `p384`, `p256`, `rsa2048`, `rsa3072` or `rsa4096`.
        package var keyKind = "p384"
        /// How long the root is valid, in days.
        package var days = 3_650
        /// How many authorities may stand between the root and a leaf.
        package var pathLength = 1
        /// How the key is encrypted: `scrypt` or `pbkdf2`.
        package var derivation = "scrypt"
        /// Whether files that are there are replaced.
        package var force = false

        /// Arguments with the defaults.
        package init(outputDirectory: String, names: CeremonyNames) {
            self.outputDirectory = outputDirectory
            self.names = names
        }
    }

    /// Runs the tool.
    ///
    /// - Returns: Exit code 0 when everything was written, 2 for arguments or files that cannot be used; nothing is
    ///   written then.
    package static func run(_ arguments: Arguments, passphrase: PassphraseSource, now: Int64) -> ToolResult {
        do {
            return try self.make(arguments, passphrase, now)
        } catch {
            return ToolResult(error)
        }
    }

    private static func make(
        _ arguments: Arguments,
        _ source: PassphraseSource,
        _ now: Int64
    ) throws(ToolError) -> ToolResult {
        let kind = try CeremonyNames.keyKind(arguments.keyKind)
        var profile = AuthorityProfile(
            lifetimeSeconds: try CeremonyNames.seconds(days: arguments.days),
            pathLength: arguments.pathLength
        )
        profile.subject = arguments.names.subject
        let derivations = ["scrypt": KeyDerivation.standard, "pbkdf2": .portable]
        guard let derivation = derivations[arguments.derivation] else {
            throw ToolError("--kdf '\(PrintableText.escaped(arguments.derivation))' must be scrypt or pbkdf2")
        }
        let base = arguments.outputDirectory + "/" + "root"
        let certificatePath = "\(base).pem"
        let keyPath = "\(base)-key.pem"
        let outputs = try CeremonyOutputs([keyPath, certificatePath], replaces: arguments.force)
        let passphrase = try source.new(for: "the root's key")
        let root: RootAuthority
        let encrypted: String
        do throws(PKIError) {
            let key = try PrivateKey.generate(kind)
            root = try RootAuthority.make(profile, key: key, now: now)
            encrypted = try key.encryptedPEM(with: passphrase, derivation: derivation)
            // A key that cannot be opened again would be lost with everything below it.
            guard try PrivateKey(pem: Array(encrypted.utf8), passphrase: passphrase).matches(root.certificate) else {
                throw PKIError(.keyMismatch, "the encrypted key does not open to the root's key")
            }
        } catch {
            throw ToolError(error.message)
        }
        try ToolFile.makeDirectory(arguments.outputDirectory)
        try outputs.writeKey(keyPath, encrypted)
        try outputs.write(certificatePath, root.certificatePEM)
        let until = CalendarTime(unixSeconds: root.certificate.notAfter).rfc3339
        return ToolResult(
            output: """
                wrote \(PrintableText.escaped(keyPath)): encrypted; it stays on this machine
                wrote \(PrintableText.escaped(certificatePath)): what everybody trusts
                SHA-256 \(Hexadecimal.fingerprint(of: root.certificate.sha256))
                valid until \(until)

                """
        )
    }
}
