import CountersignPKI

/// `countersign ca init-intermediate`: makes the key of an intermediate and the request for its certificate.
package struct InitIntermediateTool: Sendable {
    /// What the intermediate is to be, and where it goes.
    package struct Arguments: Sendable {
        /// The directory for `intermediate-key.pem` and `intermediate.csr`.
        package var outputDirectory: String
        /// The intermediate's name.
        package var names: CeremonyNames
        /// The kind of key: `p256`, `p384`, `rsa2048`, `rsa3072` or `rsa4096`.
        package var keyKind = "p256"
        /// The trust domain that the intermediate speaks for; nil for none in particular.
        package var trustDomain: String?
        /// Whether the key is encrypted; a server reads only one that is not.
        package var encrypts = false
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
    package static func run(_ arguments: Arguments, passphrase: PassphraseSource) -> ToolResult {
        do {
            return try self.make(arguments, passphrase)
        } catch {
            return ToolResult(error)
        }
    }

    private static func make(_ arguments: Arguments, _ source: PassphraseSource) throws(ToolError) -> ToolResult {
        let kind = try CeremonyNames.keyKind(arguments.keyKind)
        var builder = SigningRequestBuilder()
        builder.subject = arguments.names.subject
        builder.isAuthority = true
        builder.pathLength = 0
        if let text = arguments.trustDomain {
            builder.names = [.uri("spiffe://\(try CeremonyNames.trustDomain(text))")]
        }
        let requestPath = "\(arguments.outputDirectory)/intermediate.csr"
        let keyPath = "\(arguments.outputDirectory)/intermediate-key.pem"
        let outputs = try CeremonyOutputs([keyPath, requestPath], replaces: arguments.force)
        let passphrase = arguments.encrypts ? try source.new(for: "the intermediate's key") : nil
        let request: SigningRequest
        let keyPEM: String
        do throws(PKIError) {
            let key = try PrivateKey.generate(kind)
            request = try builder.request(for: key)
            keyPEM =
                try passphrase.map { secret throws(PKIError) in try key.encryptedPEM(with: secret) } ?? key.pemPKCS8
        } catch {
            throw ToolError(error.message)
        }
        try ToolFile.makeDirectory(arguments.outputDirectory)
        try outputs.writeKey(keyPath, keyPEM)
        try outputs.write(requestPath, request.pem)
        return ToolResult(
            output: """
                wrote \(PrintableText.escaped(keyPath)): \(passphrase == nil ? "not encrypted" : "encrypted")
                wrote \(PrintableText.escaped(requestPath)): to be signed on the offline machine
                SHA-256 of the key \(Hexadecimal.fingerprint(of: request.publicKey.sha256))

                """
        )
    }
}
