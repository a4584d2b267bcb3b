import CountersignAuthentication
import CountersignConfiguration
import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI
import CountersignTokens

extension InboundSettings {
    /// Checks a configuration, and reads the files that it names.
    ///
    /// - Throws: ``InboundConfigurationError``.
    init(_ configuration: InboundConfiguration, atUnixSeconds now: Int64) throws(InboundConfigurationError) {
        self.init(mode: configuration.mode.checked, reader: try Self.reader(configuration))
        bindingRequired = PathList(try Self.paths(configuration.bindingRequiredPaths))
        unauthenticated = PathList(try Self.paths(configuration.unauthenticatedPaths))
        isEnforcing = configuration.isEnforcing
        var blocks: [CIDRBlock] = []
        for text in configuration.trustedProxies {
            blocks.append(
                try Self.checking("trusted proxies") { () throws(IdentityError) in try CIDRBlock(parsing: text) }
            )
        }
        proxies = TrustedProxies(blocks)
        verifier = try Self.verifier(configuration, now)
        mapping = try Self.mapping(configuration)
        allowList = try configuration.allowList.map { calls throws(InboundConfigurationError) in
            try Self.allowList(calls, configuration, reader.format)
        }
        tokens = try configuration.tokens.map { issuer throws(InboundConfigurationError) in try Self.tokens(issuer) }
        try checkTogether(configuration)
    }

    private func checkTogether(_ configuration: InboundConfiguration) throws(InboundConfigurationError) {
        guard configuration.tokens != nil || !mode.needsToken && configuration.bindingRequiredPaths.isEmpty else {
            throw InboundConfigurationError("the mode \(mode.rawValue) needs tokens; say whose are good")
        }
        let needsBinding = mode == .bearerPlusMTLSRequired || !configuration.bindingRequiredPaths.isEmpty
        guard !needsBinding || proxies.blocks.isEmpty || reader.format.tellsThumbprint else {
            throw InboundConfigurationError(
                "tokens cannot be bound to what \(reader.headerName) tells, which has no digest"
            )
        }
    }

    private static func reader(
        _ configuration: InboundConfiguration
    ) throws(InboundConfigurationError) -> ForwardedCertificateReader {
        let name = configuration.forwardedClientCertificateHeader
        guard let format = CertificateFormat(headerName: name) else {
            let known = CertificateFormat.allCases.map(\.headerName).joined(separator: ", ")
            throw InboundConfigurationError(
                "no format is known for the header \(name.debugDescription); take one of \(known)"
            )
        }
        guard (1_024...65_536).contains(configuration.maximumCertificateHeaderBytes) else {
            throw InboundConfigurationError("the most bytes of \(name) may be 1024 to 65536")
        }
        return ForwardedCertificateReader(
            headerName: name,
            format: format,
            maximumBytes: configuration.maximumCertificateHeaderBytes
        )
    }

    private static func paths(_ paths: [String]) throws(InboundConfigurationError) -> [String] {
        for path in paths where !path.hasPrefix("/") {
            throw InboundConfigurationError("expected paths that begin with \"/\", found \(path.debugDescription)")
        }
        return paths
    }

    private static func verifier(
        _ configuration: InboundConfiguration,
        _ now: Int64
    ) throws(InboundConfigurationError) -> ChainVerifier? {
        let listed = configuration.trustDomainAuthoritiesPEM
        var bundles: [TrustBundle] = []
        if let pem = configuration.forwardedCertificateAuthoritiesPEM {
            let unbound = try authorities(pem, "the authorities of forwarded certificates", now)
            let isAlone = listed.isEmpty && unbound.isOfOneAuthority
            bundles.append(
                TrustBundle(
                    authoritiesDER: unbound.authoritiesDER,
                    trustDomains: isAlone ? .unrestricted : .only([])
                )
            )
        }
        var owners: [[UInt8]: String] = [:]
        for (name, pem) in listed.sorted(by: { $0.key < $1.key }) {
            let domain = try checking("trust domains") { () throws(IdentityError) in try TrustDomain(parsing: name) }
            let bound = try authorities(pem, "the authorities of \(name)", now).authoritiesDER
            for authority in bound {
                guard owners.updateValue(name, forKey: authority) == nil else {
                    throw InboundConfigurationError("an authority of \(name) is one of another trust domain as well")
                }
            }
            bundles.append(TrustBundle(authoritiesDER: bound, trustDomains: .only([domain])))
        }
        guard !bundles.isEmpty else { return nil }
        do throws(PKIError) {
            return ChainVerifier(trust: try TrustStore(bundles: bundles), purpose: .client)
        } catch {
            throw InboundConfigurationError("the authorities of forwarded certificates: \(error)")
        }
    }

    private static func authorities(
        _ pem: String,
        _ what: String,
        _ now: Int64
    ) throws(InboundConfigurationError) -> TrustStore {
        do throws(PKIError) {
            return try TrustStore(pem: pem, atUnixSeconds: now)
        } catch {
            throw InboundConfigurationError("\(what): \(error)")
        }
    }

    private static func mapping(
        _ configuration: InboundConfiguration
    ) throws(InboundConfigurationError) -> IdentityMapping? {
        guard let path = configuration.identityMappingsPath else { return nil }
        let document = IdentityMappingDocument(path: path)
        if let problem = document.problems.first { throw InboundConfigurationError(problem.description) }
        return document.mapping
    }

    private static func allowList(
        _ calls: [AllowedCall],
        _ configuration: InboundConfiguration,
        _ format: CertificateFormat
    ) throws(InboundConfigurationError) -> ServiceAllowList {
        let home = try configuration.serviceTrustDomain.map { name throws(InboundConfigurationError) in
            try checking("service trust domain") { () throws(IdentityError) in
                try ServiceDomain(trustDomain: TrustDomain(parsing: name), namespace: configuration.serviceNamespace)
            }
        }
        var entries: [ServiceAllowList.Entry] = []
        for call in calls {
            let caller = try checking("allow list") { () throws(IdentityError) in
                try CallerPattern(parsing: call.caller, in: home)
            }
            guard !caller.isNameAlone || format == .terminator || configuration.tokens?.kind == .service else {
                throw InboundConfigurationError(
                    "allow list: \(call.caller) is the name of a service, and any trust domain may have one; say which is meant "
                        + "in serviceTrustDomain, or write the SPIFFE ID"
                )
            }
            entries.append(
                ServiceAllowList.Entry(
                    caller: caller,
                    host: call.host,
                    methods: call.methods,
                    paths: try paths(call.paths)
                )
            )
        }
        return ServiceAllowList(entries)
    }

    private static func tokens(_ issuer: TokenIssuer) throws(InboundConfigurationError) -> any TokenChecking {
        guard !issuer.audiences.isEmpty else {
            throw InboundConfigurationError("tokens need an audience; without one none would be good")
        }
        guard issuer.kind != .svid || issuer.trustDomain != nil else {
            throw InboundConfigurationError("JWT-SVIDs need the trust domain that their subjects are of")
        }
        let domain = try issuer.trustDomain.map { text throws(InboundConfigurationError) in
            try checking("tokens") { () throws(IdentityError) in try TrustDomain(parsing: text) }
        }
        let keys: JSONWebKeySet
        do throws(PKIError) {
            keys = try JSONWebKeySet(parsing: issuer.keySet)
        } catch {
            throw InboundConfigurationError("the key set of the token issuer: \(error)")
        }
        let requirements = TokenRequirements(
            TokenKind(rawValue: issuer.kind.rawValue) ?? .bearer,
            issuer: issuer.issuer,
            audiences: issuer.audiences,
            trustDomain: domain
        )
        return TokenVerifier(keys: keys, requirements: requirements)
    }

    private static func checking<Value>(
        _ what: String,
        _ parse: () throws(IdentityError) -> Value
    ) throws(InboundConfigurationError) -> Value {
        do throws(IdentityError) {
            return try parse()
        } catch {
            throw InboundConfigurationError("\(what): \(error.message)")
        }
    }
}
