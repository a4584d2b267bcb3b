import CountersignIdentity
import CountersignPKI

/// `countersign issue`: makes a certificate with an authority from files.
package struct IssueTool: Sendable {
    /// The authority, what to issue, and where to put it.
    package struct Arguments: Sendable {
        /// The authority's certificate, then those above it, in PEM.
        package var authorityCertificate: String
        /// The authority's private key in PEM, in a file that nobody else may read.
        package var authorityKey: String
        /// What the certificate is to say.
        package var names = IssueNames()
        /// The kind of key to generate: `p256`, `p384`, `rsa2048`, `rsa3072` or `rsa4096`.
        package var keyKind = "p256"
        /// A certificate request to sign in place of generating a key.
        package var request: String?
        /// A directory for `cert.pem`, `key.pem` and `ca.pem`.
        package var outputDirectory: String?
        /// A file for the certificate and those above it.
        package var certificateOutput: String?
        /// A file for the private key.
        package var keyOutput: String?
        /// Whether files that are there are replaced.
        package var force = false

        /// Arguments with the authority alone.
        package init(authorityCertificate: String, authorityKey: String) {
            self.authorityCertificate = authorityCertificate
            self.authorityKey = authorityKey
        }
    }

    /// Runs the tool.
    ///
    /// - Returns: Exit code 0 when everything was written, 1 when the authority refuses, 2 for arguments or files that
    ///   cannot be used. Nothing is written in the last two cases.
    package static func run(_ arguments: Arguments, now: Int64) -> ToolResult {
        do {
            return try self.issue(arguments, now: now)
        } catch {
            return ToolResult(error)
        }
    }

    private static func issue(_ arguments: Arguments, now: Int64) throws(ToolError) -> ToolResult {
        let outputs = try IssueOutputs(arguments.outputs)
        guard let kind = PrivateKey.Kind(rawValue: arguments.keyKind) else {
            let kinds = PrivateKey.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ToolError("--key-type '\(PrintableText.escaped(arguments.keyKind))' must be one of \(kinds)")
        }
        let authority = try self.authority(arguments, now: now)
        let certificate: IssuedCertificate
        let key: PrivateKey?
        do {
            if let path = arguments.request {
                let request = try CertificateRequestFile.read(path)
                certificate = try authority.sign(request, profile: try arguments.names.profile(for: request), now: now)
                key = nil
            } else {
                let issued = try authority.issue(
                    try arguments.names.profile(for: nil),
                    key: kind,
                    now: now
                )
                certificate = issued.certificate
                key = issued.key
            }
        } catch let error as PKIError {
            throw ToolError(error.message, exitCode: 1)
        } catch let error as ToolError {
            throw error
        } catch {
            throw ToolError("\(error)")
        }
        let until = CalendarTime(unixSeconds: certificate.notAfter).rfc3339
        let content = IssueOutputs.Content(
            chain: certificate.chainPEM,
            key: key?.pemPKCS8,
            trustBundle: authority.trustBundlePEM,
            summary: "serial \(certificate.serialDecimal), valid until \(until)"
        )
        return ToolResult(output: try outputs.write(content))
    }

    private static func authority(_ arguments: Arguments, now: Int64) throws(ToolError) -> IssuingAuthority {
        let certificate = try ToolFile.read(arguments.authorityCertificate)
        let key = try ToolFile.readSecret(arguments.authorityKey)
        do {
            return try IssuingAuthority(certificatePEM: certificate, keyPEM: key, now: now)
        } catch {
            let isKey = [.encryptedKey, .malformedKey, .unsupportedKey].contains(error.code)
            throw ToolError(error, inFile: isKey ? arguments.authorityKey : arguments.authorityCertificate)
        }
    }
}

extension IssueTool.Arguments {
    /// Where to put what is made.
    fileprivate var outputs: IssueOutputs.Wish {
        var wish = IssueOutputs.Wish(directory: outputDirectory, certificate: certificateOutput, key: keyOutput)
        wish.replaces = force
        wish.keyOption = request == nil ? nil : "--csr"
        wish.inputs = [("--ca-cert", authorityCertificate), ("--ca-key", authorityKey)]
        if let request { wish.inputs.append(("--csr", request)) }
        return wish
    }
}
