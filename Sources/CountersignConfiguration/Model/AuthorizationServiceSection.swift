package import CountersignIdentity

/// The identity and token checks as a service for other proxies: the section `authz`.
package struct AuthorizationServiceSection: Sendable {
    /// What a request must show.
    package enum InboundMode: String, CaseIterable, Hashable, Sendable {
        /// A bearer token.
        case bearerOnly = "bearer_only"

        /// A bearer token, which is checked against the certificate where there is one, and on the listed paths always.
        case bearerPlusOptionalMutualTLS = "bearer_plus_mtls_optional"

        /// A bearer token and the certificate that it is bound to.
        case bearerPlusMutualTLS = "bearer_plus_mtls_required"

        /// A certificate.
        case mutualTLSOnly = "mtls_only"
    }

    /// The address that proxies ask.
    package var listen = ListenAddress(address: IPAddress(v4: 0x7F00_0001), port: 9191)

    /// What a request must show.
    package var inboundMode = InboundMode.bearerPlusMutualTLS

    /// The paths where a token must be bound to the certificate whatever ``inboundMode`` says.
    package var bindingRequiredPaths: [String] = []

    /// The header in which a trusted proxy forwards the certificate.
    package var forwardedClientCertHeader = "X-Forwarded-Client-Cert"

    /// The addresses of proxies whose forwarded certificates count; from anywhere else they are removed.
    package var trustedProxies: [CIDRBlock] = []

    /// The file with the rules from certificates to names; nil without rules.
    package var identityMappingsPath: String?

    /// Whether a failed check refuses the request; false is for development and warned about.
    package var isEnforcing = true

    /// The service's own certificate.
    package var tls = WorkloadTLSSection()

    /// The section's defaults.
    package init() {}
}

extension AuthorizationServiceSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// Each is overridden by the environment variable beside it.
    /// - `listen` (IP address and port, default `127.0.0.1:9191`)
    /// - `inbound_auth_mode`, `INBOUND_AUTH_MODE` (default `bearer_plus_mtls_required`)
    /// - `binding_required_paths`, `BINDING_REQUIRED_PATHS` (paths, a list or between commas)
    /// - `forwarded_client_cert_header`, `FORWARDED_CLIENT_CERT_HEADER` (default `X-Forwarded-Client-Cert`)
    /// - `trusted_proxy_cidrs`, `TRUSTED_PROXY_CIDRS` (address blocks, a list or between commas)
    /// - `cert_identity_mappings`, `CERT_IDENTITY_MAPPINGS` (path)
    /// - `mtls_enforce`, `MTLS_ENFORCE` (boolean, default true)
    /// - `tls` (mapping, optional)
    static func read(_ value: ValueReader) -> AuthorizationServiceSection? {
        value.mapping("the keys of \"authz\"") { reader in
            var section = AuthorizationServiceSection()
            section.listen =
                reader.value("listen")?.parsed("an address", ListenAddress.init(parsing:)) ?? section.listen
            section.inboundMode =
                reader.value("inbound_auth_mode", overriddenBy: "INBOUND_AUTH_MODE")?.choice() ?? section.inboundMode
            section.bindingRequiredPaths = readPaths(reader)
            if let header = reader.value("forwarded_client_cert_header", overriddenBy: "FORWARDED_CLIENT_CERT_HEADER") {
                section.forwardedClientCertHeader = readHeader(header) ?? section.forwardedClientCertHeader
            }
            if let blocks = reader.value("trusted_proxy_cidrs", overriddenBy: "TRUSTED_PROXY_CIDRS") {
                section.trustedProxies = readBlocks(blocks)
            }
            section.identityMappingsPath =
                reader.value("cert_identity_mappings", overriddenBy: "CERT_IDENTITY_MAPPINGS")?.path()
            if let enforce = reader.value("mtls_enforce", overriddenBy: "MTLS_ENFORCE") {
                section.isEnforcing = enforce.boolean() ?? true
                if !section.isEnforcing {
                    enforce.warn("requests that fail the checks are let through")
                }
            }
            section.tls = WorkloadTLSSection.read(reader)
            return section
        }
    }

    private static func readPaths(_ reader: MappingReader) -> [String] {
        guard let value = reader.value("binding_required_paths", overriddenBy: "BINDING_REQUIRED_PATHS"),
            let paths = value.commaSeparated(of: "paths")
        else { return [] }
        for path in paths where !path.hasPrefix("/") {
            value.fail("expected paths that begin with \"/\", found \(IdentityError.excerpt(of: path))")
        }
        return paths
    }

    private static func readBlocks(_ value: ValueReader) -> [CIDRBlock] {
        var blocks: [CIDRBlock] = []
        for text in value.commaSeparated(of: "address blocks") ?? [] {
            do {
                blocks.append(try CIDRBlock(parsing: text))
            } catch {
                value.fail(error.message)
            }
        }
        return blocks
    }

    private static func readHeader(_ value: ValueReader) -> String? {
        guard let text = value.text("the name of a header") else { return nil }
        let isName = text.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                || Character(Unicode.Scalar(byte)).isLetter && byte < 0x80
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard isName else {
            value.fail("expected the name of a header, found \(IdentityError.excerpt(of: text))")
            return nil
        }
        return text
    }
}
