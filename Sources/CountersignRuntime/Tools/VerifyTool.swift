import CountersignIdentity
import CountersignJSON
import CountersignPKI

/// `countersign verify`: judges a chain from files as the router judges a peer.
package struct VerifyTool: Sendable {
    /// The files and options of one run.
    package struct Arguments: Sendable {
        /// Files with the trusted authorities, in PEM or DER; at least one.
        package var roots: [String]
        /// The certificate to judge, in PEM or DER; further certificates in it count as intermediates.
        package var leaf: String
        /// Files with certificates that may lead from the leaf to a root.
        package var intermediates: [String] = []
        /// The moment to judge at, RFC 3339; the current time when absent.
        package var time: String?
        /// What the certificate is to be used for, `server` or `client`; not looked at when absent.
        package var purpose: String?
        /// Names that must all be there: `dns:NAME`, `ip:ADDR` or `email:ADDR`.
        package var names: [String] = []
        /// The SPIFFE ID that the certificate must carry.
        package var spiffeID: String?
        /// Files with revocation lists, in PEM or DER; revocation is not looked at when there are none.
        package var revocationLists: [String] = []
        /// The most intermediate authorities.
        package var maxDepth: Int?
        /// Whether certificates are held to all of RFC 5280.
        package var isStrict = false
        /// Whether the verdict is printed as JSON.
        package var json = false

        /// Arguments with nothing but what is always needed.
        package init(roots: [String], leaf: String) {
            self.roots = roots
            self.leaf = leaf
        }
    }

    /// Runs the tool.
    ///
    /// - Returns: Exit code 0 for a valid chain, 1 with one reason on standard output for another, 2 for arguments
    ///   or files that cannot be used.
    package static func run(_ arguments: Arguments, now: Int64) -> ToolResult {
        do {
            return try self.verdict(arguments, now: now)
        } catch {
            return ToolResult(error)
        }
    }

    private static func verdict(_ arguments: Arguments, now: Int64) throws(ToolError) -> ToolResult {
        let time = try self.time(arguments.time, now: now)
        let purpose = try self.purpose(arguments.purpose)
        let requirements = try self.requirements(arguments)
        if let depth = arguments.maxDepth, depth < 0 { throw ToolError("--max-depth must be 0 or more") }
        let revocation = try self.revocation(arguments.revocationLists)
        var chain = try CertificateFile.encodings(arguments.leaf)
        for path in arguments.intermediates { chain += try CertificateFile.encodings(path) }
        var rootEncodings: [[UInt8]] = []
        for path in arguments.roots { rootEncodings += try CertificateFile.encodings(path) }
        let roots = TrustedRoots(encodings: rootEncodings)
        guard let trust = roots.store else {
            return self.rejected(roots.firstFault, json: arguments.json)
        }
        let verifier = ChainVerifier(
            trust: trust,
            purpose: purpose,
            maxDepth: arguments.maxDepth ?? 8,
            revocation: revocation,
            profile: arguments.isStrict ? .strict : .compatible
        )
        switch verifier.verify(UnverifiedPeerChain(derCertificates: chain), atUnixSeconds: time) {
        case .failure(let rejection):
            let isUnknown = rejection.code == .unknownIssuer || rejection.code == .selfSigned
            return self.rejected(isUnknown ? roots.fault ?? rejection : rejection, json: arguments.json)
        case .success(let peer):
            if let fault = requirements.lazy.compactMap({ $0.fault(of: peer) }).first {
                return self.rejected(fault, json: arguments.json)
            }
            return self.accepted(peer, json: arguments.json)
        }
    }

    private static func accepted(_ peer: VerifiedPeer, json: Bool) -> ToolResult {
        let until = CalendarTime(unixSeconds: peer.validUntil).rfc3339
        guard json else {
            let issuers = peer.issuersDER.isEmpty ? "" : " through \(peer.issuersDER.count) intermediate authorities"
            return ToolResult(output: "valid: \(peer.shortName) until \(until)\(issuers)\n")
        }
        let document = JSONValue.object([
            .init("valid", .bool(true)),
            .init("reason", .null),
            .init("subject", .string(peer.subjectRFC2253)),
            .init("issuer", .string(peer.issuerRFC2253)),
            .init("spiffe_id", .optional(peer.identity.spiffeID?.description)),
            .init("serial", .string(peer.serialDecimal)),
            .init("sha256", .string(peer.sha256Hex)),
            .init("valid_until", .string(until)),
            .init("intermediates", .number(Int64(peer.issuersDER.count))),
        ])
        return ToolResult(output: document.text + "\n")
    }

    private static func rejected(_ rejection: ChainRejection, json: Bool) -> ToolResult {
        guard json else {
            let explanation = PrintableText.escaped(rejection.explanation)
            return ToolResult(output: "not valid: \(rejection.metricLabel): \(explanation)\n", exitCode: 1)
        }
        let document = JSONValue.object([
            .init("valid", .bool(false)),
            .init("reason", .string(rejection.metricLabel)),
            .init("explanation", .string(rejection.explanation)),
        ])
        return ToolResult(output: document.text + "\n", exitCode: 1)
    }

    private static func time(_ text: String?, now: Int64) throws(ToolError) -> Int64 {
        guard let text else { return now }
        guard let time = CalendarTime.unixSeconds(rfc3339: text) else {
            throw ToolError("--time '\(PrintableText.escaped(text))' is not RFC 3339, such as 2026-01-31T09:30:00Z")
        }
        return time
    }

    private static func purpose(_ text: String?) throws(ToolError) -> VerificationPurpose {
        switch text {
        case nil: return .any
        case "server": return .server
        case "client": return .client
        case .some(let text): throw ToolError("--purpose '\(PrintableText.escaped(text))' must be server or client")
        }
    }

    private static func requirements(_ arguments: Arguments) throws(ToolError) -> [PeerNameRequirement] {
        var requirements: [PeerNameRequirement] = []
        for name in arguments.names { requirements.append(try self.requirement(name)) }
        if let id = arguments.spiffeID {
            do {
                requirements.append(.spiffe(try SPIFFEID(parsing: id)))
            } catch {
                throw ToolError("--spiffe-id: \(error.message)")
            }
        }
        return requirements
    }

    private static func requirement(_ text: String) throws(ToolError) -> PeerNameRequirement {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw ToolError("--name '\(PrintableText.escaped(text))' must be dns:NAME, ip:ADDR or email:ADDR")
        }
        do {
            switch parts[0] {
            case "dns": return .dns(try HostName(parsing: parts[1]))
            case "ip": return .address(try IPAddress(parsing: parts[1]))
            case "email": return .email(parts[1])
            default: break
            }
        } catch {
            throw ToolError("--name: \(error.message)")
        }
        throw ToolError("--name '\(PrintableText.escaped(text))' must begin with dns:, ip: or email:")
    }

    private static func revocation(_ paths: [String]) throws(ToolError) -> RevocationChecking {
        guard !paths.isEmpty else { return .none }
        var lists: [RevocationList] = []
        for path in paths {
            let content = try ToolFile.read(path)
            do {
                lists +=
                    CertificateFile.isDER(content)
                    ? [try RevocationList(der: content)] : try RevocationList.lists(pem: content)
            } catch {
                throw ToolError(error, inFile: path)
            }
        }
        return .lists(lists)
    }
}
