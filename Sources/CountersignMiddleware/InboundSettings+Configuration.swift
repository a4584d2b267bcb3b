import CountersignAuthentication
import CountersignConfiguration
import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI
import CountersignRouting
import CountersignTokens

extension InboundSettings {
    /// Checks a configuration, and reads the files that it names.
    ///
    /// - Parameters:
    ///   - configuration: what requests are judged by.
    ///   - now: the current time in Unix seconds.
    ///   - warnings: takes what the operator should know of a configuration that can be used.
    /// - Throws: ``InboundConfigurationError``.
    init(
        _ configuration: InboundConfiguration,
        atUnixSeconds now: Int64,
        warnings: inout [String]
    ) throws(InboundConfigurationError) {
        self.init(mode: configuration.mode.checked, reader: try Self.reader(configuration))
        bindingRequired = PathList(try Self.parsed(configuration.bindingRequiredPaths, PathPrefix.init(parsing:)))
        unauthenticated = try Self.parsed(configuration.unauthenticatedPaths, LiteralPath.init(parsing:))
        isEnforcing = configuration.isEnforcing
        var blocks: [CIDRBlock] = []
        for text in configuration.trustedProxies {
            blocks.append(
                try Self.checking("trusted proxies") { () throws(IdentityError) in try CIDRBlock(parsing: text) }
            )
        }
        proxies = TrustedProxies(blocks)
        let lists = try Self.revocationLists(configuration, reader.format, now)
        revokedSerials = RevokedSerials(lists ?? [])
        verifier = try Self.verifier(configuration, lists, reader.format, now)
        mapping = try Self.mapping(configuration, &warnings)
        allowList = try configuration.allowList.map { calls throws(InboundConfigurationError) in
            try Self.allowList(calls, configuration, reader.format)
        }
        tokens = try configuration.tokens.map { issuer throws(InboundConfigurationError) in try Self.tokens(issuer) }
        try checkTogether(configuration)
        warn(configuration, &warnings)
    }

    /// Says what can be used and is hardly meant.
    private func warn(_ configuration: InboundConfiguration, _ warnings: inout [String]) {
        if allowList != nil, !mode.readsCertificates, configuration.bindingRequiredPaths.isEmpty {
            warnings.append(
                "the allow list lets nobody in: \(mode.rawValue) looks at no certificate, which would say who calls"
            )
        }
        for block in proxies.blocks where block.prefixLength == 0 {
            warnings.append(
                "the trusted proxies \(block) are every address: whoever connects may say that anybody calls"
            )
        }
        guard !proxies.blocks.isEmpty else { return }
        if configuration.revocationListsPEM == nil, verifier != nil || reader.format == .terminator {
            warnings.append(
                "revocationListsPEM is not set, so that a forwarded certificate that was revoked is accepted until it ends; give "
                    + "it the crl.pem of an agent on this host, and newer ones by replace(_:)"
            )
        }
        guard let scope = verifier?.trust.trustDomains else { return }
        if scope == .only([]) {
            warnings.append(
                "forwardedCertificateAuthoritiesPEM has several authorities, and none is bound to a trust domain: forwarded "
                    + "certificates with a SPIFFE ID are refused; say each trust domain in trustDomainAuthoritiesPEM"
            )
            return
        }
        for (call, entry) in zip(configuration.allowList ?? [], allowList?.entries ?? []) {
            guard let trustDomain = entry.caller.trustDomain, !scope.contains(trustDomain) else { continue }
            warnings.append(
                "no authority is bound to the trust domain \(trustDomain.name); nobody behind a proxy can be \(call.caller)"
            )
        }
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
        guard let format = configuration.forwardedClientCertificateFormat?.read ?? CertificateFormat(headerName: name)
        else {
            let known = CertificateFormat.allCases.map(\.headerName).joined(separator: ", ")
            throw InboundConfigurationError(
                "no format is known for the header \(name.debugDescription); say it in forwardedClientCertificateFormat, or take one of "
                    + known
            )
        }
        guard (1_024...65_536).contains(configuration.maximumCertificateHeaderBytes) else {
            throw InboundConfigurationError("the most bytes of \(name) may be 1024 to 65536")
        }
        return ForwardedCertificateReader(
            headerName: name,
            format: format,
            maximumBytes: configuration.maximumCertificateHeaderBytes,
            serialFormat: configuration.certificateSerialFormat?.read ?? .hexadecimal
        )
    }

    private static func parsed<Path>(
        _ paths: [String],
        _ parse: (String) throws(RoutingError) -> Path
    ) throws(InboundConfigurationError) -> [Path] {
        var parsed: [Path] = []
        for path in paths {
            do throws(RoutingError) {
                parsed.append(try parse(path))
            } catch {
                throw InboundConfigurationError(error.message)
            }
        }
        return parsed
    }

    /// The lists; nil when revocation is not looked at.
    private static func revocationLists(
        _ configuration: InboundConfiguration,
        _ format: CertificateFormat,
        _ now: Int64
    ) throws(InboundConfigurationError) -> [RevocationList]? {
        guard let pem = configuration.revocationListsPEM else { return nil }
        if format == .terminator, configuration.certificateSerialFormat == nil {
            throw InboundConfigurationError(
                "revocation lists are looked up by \(TerminatorIdentity.serialHeaderName), whose digits may be hexadecimal or "
                    + "decimal; say which in certificateSerialFormat"
            )
        }
        let isVerified =
            configuration.forwardedCertificateAuthoritiesPEM != nil || !configuration.trustDomainAuthoritiesPEM.isEmpty
        guard format == .terminator || isVerified else {
            throw InboundConfigurationError(
                "revocation lists are looked up for certificates that are verified here; name the authorities of forwarded "
                    + "certificates"
            )
        }
        do throws(PKIError) {
            let lists = try RevocationList.lists(pem: Array(pem.utf8))
            for list in lists { try list.check(against: nil, atUnixSeconds: now) }
            return lists
        } catch {
            throw InboundConfigurationError("the revocation lists: \(error)")
        }
    }

    private static func verifier(
        _ configuration: InboundConfiguration,
        _ lists: [RevocationList]?,
        _ format: CertificateFormat,
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
        guard format != .terminator else {
            throw InboundConfigurationError(
                "authorities verify forwarded certificates, and \(configuration.forwardedClientCertificateHeader) has none"
            )
        }
        do throws(PKIError) {
            return ChainVerifier(
                trust: try TrustStore(bundles: bundles),
                purpose: .client,
                revocation: lists.map(RevocationChecking.lists) ?? .none
            )
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
        _ configuration: InboundConfiguration,
        _ warnings: inout [String]
    ) throws(InboundConfigurationError) -> IdentityMapping? {
        guard let path = configuration.identityMappingsPath else { return nil }
        let environment = configuration.environment
        let document = IdentityMappingDocument(path: path) { environment[$0] }
        if let problem = document.problems.first { throw InboundConfigurationError(problem.description) }
        warnings += document.warnings.map(\.description)
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
            if let problem = call.methods.lazy.compactMap(AllowedCallSection.problem(ofMethod:)).first {
                throw InboundConfigurationError("allow list: \(problem)")
            }
            entries.append(
                ServiceAllowList.Entry(
                    caller: caller,
                    host: call.host,
                    methods: call.methods,
                    paths: try parsed(call.paths, CallPath.init(parsing:))
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
        guard (0...TokenRequirements.maximumSkewSeconds).contains(issuer.skewSeconds) else {
            throw InboundConfigurationError(
                "clocks may be 0 to \(TokenRequirements.maximumSkewSeconds) seconds apart, not \(issuer.skewSeconds)"
            )
        }
        guard (1...longestToken).contains(issuer.maximumLifetimeSeconds) else {
            throw InboundConfigurationError(
                "the longest lifetime of a token is 1 to \(longestToken) seconds, not \(issuer.maximumLifetimeSeconds)"
            )
        }
        var requirements = TokenRequirements(
            TokenKind(rawValue: issuer.kind.rawValue) ?? .bearer,
            issuer: issuer.issuer,
            audiences: issuer.audiences,
            trustDomain: domain
        )
        requirements.skewSeconds = issuer.skewSeconds
        requirements.maximumLifetimeSeconds = issuer.maximumLifetimeSeconds
        return ExchangedTokens(keys: issuer.keys, requirements: requirements)
    }

    /// The longest that a token may be said to last, in seconds.
    private static var longestToken: Int64 { 30 * 86_400 }

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
