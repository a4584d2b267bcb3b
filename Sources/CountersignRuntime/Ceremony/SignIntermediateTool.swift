import CountersignPKI

/// `countersign ca sign-intermediate`: signs an intermediate's request with the root, on the offline machine.
package struct SignIntermediateTool: Sendable {
    /// The root, the request, and what the certificate is to say.
    package struct Arguments: Sendable {
        /// The root's certificate, PEM.
        package var rootCertificate: String
        /// The root's private key, PEM, in a file that nobody else may read.
        package var rootKey: String
        /// The request, PEM or DER.
        package var request: String
        /// The file for the certificate.
        package var output: String
        /// How long the certificate is valid, in days; never past the root's end.
        package var days = 1_825
        /// How many authorities may stand between the intermediate and a leaf.
        package var pathLength = 0
        /// The trust domains that identities below must lie in; without any, all.
        package var permittedTrustDomains: [String] = []
        /// The domains that DNS names below must lie in; without any, all.
        package var permittedDNSNames: [String] = []
        /// Where the root's revocation list is.
        package var revocationListURIs: [String] = []
        /// Where OCSP is answered for the root.
        package var ocspURIs: [String] = []
        /// Where the root's certificate is.
        package var issuerURIs: [String] = []
        /// Whether a file that is there is replaced.
        package var force = false

        /// Arguments with the defaults.
        package init(rootCertificate: String, rootKey: String, request: String, output: String) {
            self.rootCertificate = rootCertificate
            self.rootKey = rootKey
            self.request = request
            self.output = output
        }
    }

    /// Runs the tool.
    ///
    /// - Returns: Exit code 0 when the certificate was written, 1 when the root refuses the request, 2 for arguments or
    ///   files that cannot be used. Nothing is written in the last two cases.
    package static func run(_ arguments: Arguments, passphrase: PassphraseSource, now: Int64) -> ToolResult {
        do {
            return try self.sign(arguments, passphrase, now)
        } catch {
            return ToolResult(error)
        }
    }

    private static func sign(
        _ arguments: Arguments,
        _ source: PassphraseSource,
        _ now: Int64
    ) throws(ToolError) -> ToolResult {
        let profile = try self.profile(arguments)
        let outputs = try CeremonyOutputs([arguments.output], replaces: arguments.force)
        let request = try CertificateRequestFile.read(arguments.request)
        let root = try CeremonyRoot(certificate: arguments.rootCertificate, key: arguments.rootKey).open(
            source,
            now: now
        )
        let issued: IssuedCertificate
        do {
            issued = try root.sign(request, profile: profile, now: now)
        } catch {
            throw ToolError(error.message, exitCode: 1)
        }
        try outputs.write(arguments.output, issued.certificatePEM)
        let shortened = issued.notAfter < now + profile.lifetimeSeconds ? ", which is the root's end" : ""
        return ToolResult(
            output: """
                wrote \(PrintableText.escaped(arguments.output))
                subject \(PrintableText.escaped(request.subject.text))
                SHA-256 of the key \(Hexadecimal.fingerprint(of: request.publicKey.sha256))
                valid until \(CalendarTime(unixSeconds: issued.notAfter).rfc3339)\(shortened)

                """
        )
    }

    private static func profile(_ arguments: Arguments) throws(ToolError) -> AuthorityProfile {
        var profile = AuthorityProfile(
            lifetimeSeconds: try CeremonyNames.seconds(days: arguments.days),
            pathLength: arguments.pathLength
        )
        for text in arguments.permittedTrustDomains {
            profile.permittedTrustDomains.append(try CeremonyNames.trustDomain(text))
        }
        profile.permittedDNSNames = arguments.permittedDNSNames
        profile.revocationListURIs = arguments.revocationListURIs
        profile.ocspURIs = arguments.ocspURIs
        profile.issuerURIs = arguments.issuerURIs
        return profile
    }
}
