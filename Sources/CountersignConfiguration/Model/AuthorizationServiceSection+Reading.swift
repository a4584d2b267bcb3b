import CountersignIdentity
import CountersignRouting

extension AuthorizationServiceSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// Each is overridden by the environment variable beside it.
    /// - `listen` (IP address and port, default `127.0.0.1:9191`)
    /// - `grpc_listen` (IP address and port, optional)
    /// - `inbound_auth_mode`, `INBOUND_AUTH_MODE` (default `bearer_plus_mtls_required`)
    /// - `binding_required_paths`, `BINDING_REQUIRED_PATHS` (paths, a list or between commas)
    /// - `forwarded_client_cert_header`, `FORWARDED_CLIENT_CERT_HEADER` (default `X-Forwarded-Client-Cert`)
    /// - `trusted_proxy_cidrs`, `TRUSTED_PROXY_CIDRS` (address blocks, a list or between commas)
    /// - `cert_identity_mappings`, `CERT_IDENTITY_MAPPINGS` (path)
    /// - `forwarded_client_cert_format` (`traefik`, `nginx`, `xfcc`, `rfc9440`, `terminator`; default by the header's name)
    /// - `client_cert_serial_format` (`hexadecimal`, `decimal`; required for a terminator with `crls`)
    /// - `max_certificate_header_bytes` (1024...65536, default 16384)
    /// - `client_ca` (PEM, optional), `trust_domains` (list, see ``TrustDomainSection``), `crls` (PEM, optional)
    /// - `unauthenticated_paths` (paths, a list or between commas)
    /// - `service_allow_list` (list of mappings, see ``AllowedCallSection``)
    /// - `service_names` (mapping, see ``ServiceNamesSection``)
    /// - `tokens` (mapping, see ``TokenIssuerSection``)
    /// - `mtls_enforce`, `MTLS_ENFORCE` (boolean, default true)
    /// - `tls` (mapping, optional)
    static func read(_ value: ValueReader) -> AuthorizationServiceSection? {
        value.mapping("the keys of \"authz\"") { reader in
            var section = AuthorizationServiceSection()
            section.place = reader.place
            section.listen =
                reader.value("listen")?.parsed("an address", ListenAddress.init(parsing:)) ?? section.listen
            section.grpcListen = reader.value("grpc_listen")?.parsed("an address", ListenAddress.init(parsing:))
            section.inboundMode =
                reader.value("inbound_auth_mode", overriddenBy: "INBOUND_AUTH_MODE")?.choice() ?? section.inboundMode
            section.bindingRequiredPaths =
                reader.value("binding_required_paths", overriddenBy: "BINDING_REQUIRED_PATHS")?
                .commaSeparatedPaths(PathPrefix.init(parsing:)) ?? []
            section.unauthenticatedPaths =
                reader.value("unauthenticated_paths")?.commaSeparatedPaths(LiteralPath.init(parsing:)) ?? []
            section.readCertificates(reader)
            if let blocks = reader.value("trusted_proxy_cidrs", overriddenBy: "TRUSTED_PROXY_CIDRS") {
                section.trustedProxies = readBlocks(blocks)
            }
            if let mappings = reader.value("cert_identity_mappings", overriddenBy: "CERT_IDENTITY_MAPPINGS") {
                section.identityMappingsPath = mappings.path()
                section.identityMappingsPlace = mappings.place
            }
            section.allowList = reader.value("service_allow_list")?.list(of: "calls", atMost: 10_000)?
                .compactMap(AllowedCallSection.read)
            section.serviceNames = reader.value("service_names").flatMap(ServiceNamesSection.read)
            section.tokens = reader.value("tokens").flatMap(TokenIssuerSection.read)
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

    private mutating func readCertificates(_ reader: MappingReader) {
        headerPlace = place
        if let header = reader.value("forwarded_client_cert_header", overriddenBy: "FORWARDED_CLIENT_CERT_HEADER") {
            forwardedClientCertHeader = Self.readHeader(header) ?? forwardedClientCertHeader
            headerPlace = header.place
        }
        certificateFormat = reader.value("forwarded_client_cert_format")?.choice()
        serialFormat = reader.value("client_cert_serial_format")?.choice()
        maximumCertificateBytes = reader.integer(
            "max_certificate_header_bytes",
            default: maximumCertificateBytes,
            in: 1024...65536
        )
        clientAuthorities = reader.value("client_ca")?.pems(.certificates) ?? []
        trustDomains = reader.value("trust_domains").map(TrustDomainSection.readList) ?? []
        revocationLists = reader.value("crls")?.pems(.revocationLists) ?? []
    }

    private static func readBlocks(_ value: ValueReader) -> [CIDRBlock] {
        var blocks: [CIDRBlock] = []
        for text in value.commaSeparated(of: "address blocks") ?? [] {
            do {
                let block = try CIDRBlock(parsing: text)
                if block.prefixLength == 0 {
                    value.warn("\(block) is every address: whoever connects may say that anybody calls")
                }
                blocks.append(block)
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
