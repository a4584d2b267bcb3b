import CountersignPKI

/// `countersign ca sign-crl`: signs the root's revocation list, on the offline machine.
package struct SignRevocationListTool: Sendable {
    /// The root, what is revoked, and where the list goes.
    package struct Arguments: Sendable {
        /// The root's certificate, PEM.
        package var rootCertificate: String
        /// The root's private key, PEM, in a file that nobody else may read.
        package var rootKey: String
        /// The file for the list, PEM; a list that is there is continued.
        package var output: String
        /// The certificates to revoke, PEM, each file's first.
        package var revoked: [String] = []
        /// Why.
        package var reason = "unspecified"
        /// How long the list may be relied upon, in days.
        package var days = 180

        /// Arguments with the defaults.
        package init(rootCertificate: String, rootKey: String, output: String) {
            self.rootCertificate = rootCertificate
            self.rootKey = rootKey
            self.output = output
        }
    }

    /// Runs the tool.
    ///
    /// - Returns: Exit code 0 when the list was written, 1 when the root refuses, 2 for arguments or files that cannot be
    ///   used. Nothing is written in the last two cases.
    package static func run(_ arguments: Arguments, passphrase: PassphraseSource, now: Int64) -> ToolResult {
        do {
            return try sign(arguments, passphrase, now)
        } catch {
            return ToolResult(error)
        }
    }

    private static func sign(
        _ arguments: Arguments,
        _ source: PassphraseSource,
        _ now: Int64
    ) throws(ToolError) -> ToolResult {
        let lifetime = try CeremonyNames.seconds(days: arguments.days)
        let reason = RevocationReason.allCases.first { $0.name.lowercased() == arguments.reason.lowercased() }
        guard let reason else {
            let known = RevocationReason.allCases.map(\.name).joined(separator: ", ")
            throw ToolError("--reason '\(PrintableText.escaped(arguments.reason))' must be one of \(known)")
        }
        var revoked: [ParsedCertificate] = []
        for path in arguments.revoked { revoked.append(try certificate(path)) }
        let earlier = try list(arguments.output)
        let files = CeremonyRoot(certificate: arguments.rootCertificate, key: arguments.rootKey)
        let root = try files.open(source, now: now)
        let signed: (der: [UInt8], number: Int64)
        do {
            signed = try root.revocationList(
                after: earlier,
                revoking: revoked,
                reason: reason,
                now: now,
                lifetimeSeconds: lifetime
            )
        } catch {
            throw ToolError(error.message, exitCode: 1)
        }
        let text = PEMBlock.text(label: "X509 CRL", der: signed.der)
        try ToolFile.write(arguments.output, text, mode: 0o644, replaces: true)
        return ToolResult(
            output: """
                wrote \(PrintableText.escaped(arguments.output))
                number \(signed.number)
                valid until \(CalendarTime(unixSeconds: now + lifetime).rfc3339)

                """
        )
    }

    private static func certificate(_ path: String) throws(ToolError) -> ParsedCertificate {
        let content = try ToolFile.read(path)
        do throws(PKIError) {
            guard let first = try CertificateChain(pem: content).certificates.first else {
                throw PKIError(.nothingFound, "there is no certificate")
            }
            return first
        } catch {
            throw ToolError(error, inFile: path)
        }
    }

    /// The list that is there already; what it revokes is never taken back, and its number never repeated.
    private static func list(_ path: String) throws(ToolError) -> RevocationList? {
        guard ToolFile.exists(path) else { return nil }
        let content = try ToolFile.read(path)
        do throws(PKIError) {
            let lists = try RevocationList.lists(pem: content)
            guard lists.count == 1, let list = lists.first else {
                throw PKIError(.unexpectedBlock, "\(lists.count) revocation lists, where the root's alone is expected")
            }
            return list
        } catch {
            throw ToolError(error, inFile: path)
        }
    }
}
