import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignTokens

/// `countersign token verify` and `countersign token inspect`: what a token says, and whether it is to be believed.
///
/// A token comes from a file or standard input, never from the command line, where every process of the host reads it.
package struct TokenTool: Sendable {
    /// What a token is judged by.
    package struct Arguments: Sendable {
        /// The file with the token; `-` for standard input.
        package var file: String
        /// The file with the issuer's keys: a JSON Web Key set, or a SPIFFE bundle.
        package var keys = ""
        /// The kind of token: `service`, `svid` or `bearer`.
        package var kind = "service"
        /// Whom it may be for; one of these.
        package var audiences: [String] = []
        /// Who has to have made it; anybody who has the keys when absent.
        package var issuer: String?
        /// The trust domain of its subject; needed for `svid`.
        package var trustDomain: String?
        /// The certificate of whoever shows it, PEM or DER; a bound token is refused without one.
        package var certificate: String?
        /// Whether the binding is left out of account, which says nothing about whoever shows the token.
        package var ignoresBinding = false
        /// How far clocks may be apart, in seconds.
        package var skewSeconds: Int64 = 30
        /// Whether the verdict is printed as JSON.
        package var json = false

        /// Arguments for the token in a file.
        package init(file: String) {
            self.file = file
        }
    }

    /// Judges a token.
    ///
    /// - Returns: Exit code 0 for a good one, 1 for one that is not, with one reason; 2 for arguments that cannot be used.
    package static func verify(_ arguments: Arguments, now: Int64) -> ToolResult {
        do {
            let verifier = try verifier(arguments)
            let result = verifier.verify(try token(arguments.file), atUnixSeconds: now)
            switch result {
            case .failure(let rejection): return refused(rejection.code.rawValue, rejection.explanation, arguments)
            case .success(let token):
                if !arguments.ignoresBinding, let refusal = try bindingRefusal(token, arguments.certificate) {
                    return refused(refusal.code, refusal.reason, arguments)
                }
                let claims = token.claims.all
                guard arguments.json else { return ToolResult(output: "valid\n\(claims.text)\n") }
                let verdict = JSONValue.object([.init("valid", .bool(true)), .init("claims", claims)])
                return ToolResult(output: verdict.text + "\n")
            }
        } catch {
            return ToolResult(error)
        }
    }

    /// Shows what a token says without believing any of it.
    ///
    /// - Returns: Exit code 0, or 2 for what is no token.
    package static func inspect(file: String, json: Bool) -> ToolResult {
        do {
            let content = try token(file)
            let parsed: UnverifiedToken
            do throws(TokenRejection) {
                parsed = try UnverifiedToken(parsing: content)
            } catch {
                throw ToolError(error.explanation)
            }
            let parts = try [("header", parsed.header), ("claims", parsed.payload)].map { name, content in
                guard let value = try? JSONValue(parsing: content) else {
                    throw ToolError("the \(name) of the token is not JSON")
                }
                return JSONValue.Member(name, value)
            }
            if json {
                return ToolResult(output: JSONValue.object([.init("verified", .bool(false))] + parts).text + "\n")
            }
            let text = parts.map { "\($0.name): \($0.value.text)\n" }.joined()
            return ToolResult(
                output: "NOT VERIFIED: whoever made this token may have written anything into it\n\(text)"
            )
        } catch let error as ToolError {
            return ToolResult(error)
        } catch {
            return ToolResult(ToolError("\(error)"))
        }
    }

    private static func verifier(_ arguments: Arguments) throws(ToolError) -> TokenVerifier {
        guard let kind = TokenKind(rawValue: arguments.kind) else {
            let kinds = TokenKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ToolError("--kind '\(PrintableText.escaped(arguments.kind))' must be one of \(kinds)")
        }
        var requirements = TokenRequirements(kind, issuer: arguments.issuer, audiences: arguments.audiences)
        requirements.skewSeconds = arguments.skewSeconds
        if let name = arguments.trustDomain {
            do {
                requirements.trustDomain = try TrustDomain(parsing: name)
            } catch {
                throw ToolError("--trust-domain: \(error.message)")
            }
        }
        guard kind != .svid || requirements.trustDomain != nil else {
            throw ToolError("--trust-domain is needed for a JWT-SVID")
        }
        let content = try ToolFile.read(arguments.keys)
        do {
            let set = try JSONWebKeySet(parsing: content)
            let keys = set.keys.isEmpty ? try JSONWebKeySet(parsingSPIFFEBundle: content) : set
            return TokenVerifier(keys: keys, requirements: requirements)
        } catch {
            throw ToolError(error, inFile: arguments.keys)
        }
    }

    private static func bindingRefusal(
        _ token: VerifiedToken,
        _ file: String?
    ) throws(ToolError) -> (code: String, reason: String)? {
        let der = try file.flatMap { file throws(ToolError) in try CertificateFile.encodings(file).first }
        let check = token.binding(toCertificateSHA256: der.map { CertificateBinding(certificateDER: $0).sha256 })
        switch check {
        case .bound: return nil
        case .unbound: return file == nil ? nil : (check.rawValue, "the token is bound to no certificate")
        case .certificateMissing:
            return (
                check.rawValue,
                "the token is bound to a certificate: name it with --certificate, or leave it out of account with --ignore-binding"
            )
        case .mismatch: return (check.rawValue, "the token is bound to another certificate")
        }
    }

    private static func refused(_ code: String, _ reason: String, _ arguments: Arguments) -> ToolResult {
        guard arguments.json else { return ToolResult(output: "not valid: \(code): \(reason)\n", exitCode: 1) }
        let verdict = JSONValue.object([
            .init("valid", .bool(false)), .init("code", .string(code)), .init("reason", .string(reason)),
        ])
        return ToolResult(output: verdict.text + "\n", exitCode: 1)
    }

    private static func token(_ file: String) throws(ToolError) -> [UInt8] {
        guard file == "-" || ToolFile.exists(file) else {
            // Somebody may have given the token in the place of its file.
            throw ToolError("there is no such file; give a file with the token, or - for standard input")
        }
        let content = try ToolFile.read(file == "-" ? "/dev/stdin" : file)
        let words = content.split { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        guard words.count == 1 else {
            throw ToolError("exactly one token is expected, and \(words.count) words are there")
        }
        return Array(words[0])
    }
}
