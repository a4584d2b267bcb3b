import CountersignIdentity
import CountersignPKI

/// `countersign bundle fetch`: fetches the bundle of another trust domain once, into a PEM file.
package struct BundleFetchTool: Sendable {
    /// Where the bundle is, who publishes it, and where it goes.
    package struct Arguments: Sendable {
        /// The trust domain.
        package var trustDomain: String
        /// The bundle endpoint.
        package var url: String
        /// Who the endpoint has to be, with the profile `https_spiffe`.
        package var spiffeID: String?
        /// The bundle that is known already, with `https_spiffe`; nil for ``output``.
        package var known: String?
        /// Who may vouch for the endpoint's host, with the profile `https_web`.
        package var webAuthorities: String?
        /// The file for the bundle.
        package var output: String

        package init(trustDomain: String, url: String, output: String) {
            self.trustDomain = trustDomain
            self.url = url
            self.output = output
        }
    }

    /// Runs the tool.
    ///
    /// - Returns: Exit code 0 when the file holds the bundle, 1 when the endpoint or its bundle was refused, 2 for
    ///   arguments or files that cannot be used; nothing is written in the last two cases.
    package static func run(_ arguments: Arguments, now: Int64) -> ToolResult {
        do {
            return try fetch(arguments, now)
        } catch {
            return ToolResult(error)
        }
    }

    private static func fetch(_ arguments: Arguments, _ now: Int64) throws(ToolError) -> ToolResult {
        let trustDomain = try CeremonyNames.trustDomain(arguments.trustDomain)
        guard arguments.url.lowercased().hasPrefix("https://") else {
            throw ToolError("--url must begin with https://; bundles are taken from nowhere else")
        }
        let domain = FederatedDomain(
            trustDomain: trustDomain,
            url: arguments.url,
            profile: try profile(arguments, trustDomain),
            bundlePath: arguments.known ?? arguments.output
        )
        let file = BundleFile(path: arguments.output)
        do throws(BundleError) {
            let known = try BundleFile(path: domain.bundlePath).read()
            let bundle = try BundleFetch(domain: domain).fetch(known: known, now: now).bundle
            let isNew = try file.update(bundle, from: try file.read())
            return ToolResult(output: report(bundle, arguments.output, isNew))
        } catch {
            throw ToolError(error.description, exitCode: 1)
        }
    }

    private static func profile(
        _ arguments: Arguments,
        _ trustDomain: TrustDomain
    ) throws(ToolError) -> FederatedDomain.Profile {
        switch (arguments.spiffeID, arguments.webAuthorities) {
        case (let text?, nil):
            guard let id = try? SPIFFEID(parsing: text), id.trustDomain == trustDomain else {
                throw ToolError("--spiffe-id must be a SPIFFE ID of the trust domain \(trustDomain.name)")
            }
            return .spiffe(id)
        case (nil, let path?):
            let content = try ToolFile.read(path)
            do throws(PKIError) {
                return .web(authoritiesDER: try TrustStore(pem: content).authoritiesDER)
            } catch {
                throw ToolError(error, inFile: path)
            }
        default:
            throw ToolError(
                "say how the endpoint is recognised: by --spiffe-id and the bundle that is known (https_spiffe), or by "
                    + "--web-ca (https_web)"
            )
        }
    }

    private static func report(_ bundle: SPIFFEBundle, _ path: String, _ isNew: Bool) -> String {
        var text = "\(isNew ? "wrote" : "unchanged") \(PrintableText.escaped(path))\n"
        for der in bundle.authoritiesDER {
            guard let certificate = try? ParsedCertificate(der: der) else { continue }
            text += "SHA-256 \(Hexadecimal.fingerprint(of: certificate.sha256)) \(certificate.label)\n"
        }
        return text
    }
}
