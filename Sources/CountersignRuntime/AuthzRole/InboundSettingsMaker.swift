import CountersignAuthentication
import CountersignConfiguration
import CountersignIdentity
import CountersignIdentityMapping
import CountersignPKI
import CountersignTokens

/// Makes what requests are judged by from the section `authz` and the files that it names, and says all that is wrong.
struct InboundSettingsMaker {
    private let section: AuthorizationServiceSection
    private let pems: PEMMaterial
    private let environment: @Sendable (String) -> String?
    private let fileReader: any ConfigurationFileReader
    private let now: Int64
    /// What is wrong, with its places, and what the operator should know.
    private(set) var problems: [ConfigurationProblem] = []
    /// The tokens' keys, where they are fetched.
    private(set) var tokenKeys: FollowedKeySet?

    /// - Parameter now: the current time in Unix seconds.
    init(
        _ section: AuthorizationServiceSection,
        _ pems: PEMMaterial,
        _ environment: @escaping @Sendable (String) -> String?,
        _ fileReader: any ConfigurationFileReader,
        now: Int64
    ) {
        self.section = section
        self.pems = pems
        self.environment = environment
        self.fileReader = fileReader
        self.now = now
    }

    /// The settings; they may be used only when there are no ``problems`` but warnings.
    mutating func make() -> InboundSettings? {
        guard let mode = InboundAuthMode(rawValue: section.inboundMode.rawValue), let reader = makeReader() else {
            return nil
        }
        var settings = InboundSettings(mode: mode, reader: reader)
        settings.bindingRequired = PathList(section.bindingRequiredPaths)
        settings.unauthenticated = section.unauthenticatedPaths
        settings.proxies = TrustedProxies(section.trustedProxies)
        settings.isEnforcing = section.isEnforcing
        readAuthorities(into: &settings)
        settings.mapping = readMapping()
        settings.allowList = readAllowList()
        checkNames(settings)
        checkVouching(settings)
        settings.tokens = readTokens()
        check(settings)
        return settings
    }

    private mutating func makeReader() -> ForwardedCertificateReader? {
        let name = section.forwardedClientCertHeader
        let format = section.certificateFormat.flatMap { CertificateFormat(rawValue: $0.rawValue) }
        guard let format = format ?? CertificateFormat(headerName: name) else {
            let known = CertificateFormat.allCases.map(\.headerName)
            problems.append(
                ConfigurationProblem(
                    place: section.headerPlace,
                    message: "no format is known by this header's name; say in forwarded_client_cert_format how it "
                        + "is written, or take one of \(known.joined(separator: ", "))",
                    suggestion: KeySuggestion.nearest(to: name, among: known)
                )
            )
            return nil
        }
        return ForwardedCertificateReader(
            headerName: name,
            format: format,
            maximumBytes: section.maximumCertificateBytes,
            serialFormat: section.serialFormat.flatMap { SerialFormat(rawValue: $0.rawValue) } ?? .hexadecimal
        )
    }

    private mutating func readAuthorities(into settings: inout InboundSettings) {
        var lists: [RevocationList] = []
        for reference in section.revocationLists {
            guard let pem = pems[reference] else { continue }
            do throws(PKIError) {
                let found = try RevocationList.lists(pem: Array(pem.utf8))
                for list in found { try list.check(against: nil, atUnixSeconds: now) }
                lists += found
            } catch {
                problems.append(reference.problem(error.description))
            }
        }
        settings.revokedSerials = RevokedSerials(lists)
        if settings.reader.format == .terminator, !section.revocationLists.isEmpty, section.serialFormat == nil {
            fail(
                "crls are looked up by \(TerminatorIdentity.serialHeaderName), whose digits may be hexadecimal or decimal; say "
                    + "which in client_cert_serial_format"
            )
        }
        guard !section.clientAuthorities.isEmpty || !section.trustDomains.isEmpty else {
            if !lists.isEmpty, settings.reader.format != .terminator {
                fail("crls are looked up for certificates that client_ca verifies; name the authorities there")
            }
            return
        }
        guard settings.reader.format != .terminator else {
            fail("client_ca and trust_domains verify certificates, and \(settings.reader.headerName) has none")
            return
        }
        var reader = CallerTrustReader(pems: pems, now: now, place: section.place, key: "client_ca")
        let trust = reader.trust(section.clientAuthorities, section.trustDomains)
        problems += reader.problems
        guard let trust else { return }
        settings.verifier = ChainVerifier(
            trust: trust,
            purpose: .client,
            revocation: section.revocationLists.isEmpty ? .none : .lists(lists)
        )
    }

    private mutating func readMapping() -> IdentityMapping? {
        guard let path = section.identityMappingsPath else { return nil }
        let document = IdentityMappingDocument(path: path, environment: environment, fileReader: fileReader)
        for problem in document.problems + document.warnings {
            problems.append(
                ConfigurationProblem(
                    severity: problem.severity,
                    place: section.identityMappingsPlace,
                    message: problem.description
                )
            )
        }
        return document.mapping
    }

    private mutating func readAllowList() -> ServiceAllowList? {
        guard let calls = section.allowList else { return nil }
        let home = serviceDomain()
        var entries: [ServiceAllowList.Entry] = []
        for call in calls {
            do throws(IdentityError) {
                entries.append(
                    ServiceAllowList.Entry(
                        caller: try CallerPattern(parsing: call.caller, in: home),
                        host: call.host,
                        methods: call.methods,
                        paths: call.paths
                    )
                )
            } catch {
                problems.append(
                    ConfigurationProblem(
                        place: call.callerPlace,
                        message: "expected a service as name or namespace/name, a SPIFFE ID or an ARN: \(error.message)"
                    )
                )
            }
        }
        return ServiceAllowList(entries)
    }

    /// Where named services are at home: as the file says, or the one trust domain that it lists.
    private func serviceDomain() -> ServiceDomain? {
        if let names = section.serviceNames {
            return try? ServiceDomain(trustDomain: names.trustDomain, namespace: names.namespace)
        }
        guard section.trustDomains.count == 1, let only = section.trustDomains[0].trustDomain else { return nil }
        return try? ServiceDomain(trustDomain: only)
    }

    /// Says which entries of the allow list name services that nobody proves to be.
    private mutating func checkNames(_ settings: InboundSettings) {
        guard let entries = settings.allowList?.entries else { return }
        guard settings.mode.readsCertificates || !section.bindingRequiredPaths.isEmpty else {
            warn(
                "service_allow_list lets nobody in: \(settings.mode.rawValue) looks at no certificate, which would say "
                    + "who calls"
            )
            return
        }
        // A terminator tells names, and no SPIFFE IDs.
        guard settings.reader.format != .terminator else { return }
        for (call, entry) in zip(section.allowList ?? [], entries) where entry.caller.isNameAlone {
            let isTokens = section.tokens?.kind == .service && settings.mode.needsToken
            problems.append(
                ConfigurationProblem(
                    severity: isTokens ? .warning : .error,
                    place: call.callerPlace,
                    message: "\(call.caller) is the name of a service, and any trust domain may have one; say in "
                        + "service_names which trust_domain is meant, or write the SPIFFE ID"
                )
            )
        }
    }

    private mutating func readTokens() -> (any TokenChecking)? {
        guard let issuer = section.tokens else { return nil }
        tokenKeys = issuer.source.flatMap { FollowedKeySet($0, path: issuer.keySetPath, pems, &problems) }
        do {
            let keys = try readKeys(issuer)
            var requirements = TokenRequirements(
                TokenKind(rawValue: issuer.kind.rawValue) ?? .bearer,
                issuer: issuer.issuer,
                audiences: issuer.audiences,
                trustDomain: issuer.trustDomain
            )
            requirements.skewSeconds = issuer.skew.components.seconds
            requirements.maximumLifetimeSeconds = issuer.maximumLifetime.components.seconds
            let verifier = TokenVerifier(keys: keys, requirements: requirements)
            return tokenKeys.map { FollowedTokens(verifier: verifier, unknown: $0.unknown) } ?? verifier
        } catch {
            let reason =
                switch error {
                case let error as FileReadError: "the file \(issuer.keySetPath) \(error)"
                case let error as PKIError: "the file \(issuer.keySetPath): \(error.description)"
                default: "the file \(issuer.keySetPath) cannot be used"
                }
            problems.append(ConfigurationProblem(place: issuer.keySetPlace, message: reason))
            return nil
        }
    }

    /// The keys of the file; until the first ones have been fetched there are none, and no token is good.
    private func readKeys(_ issuer: TokenIssuerSection) throws -> JSONWebKeySet {
        do {
            let content = try fileReader.read(issuer.keySetPath, maximumBytes: JSONWebKeySet.maximumSize)
            return try JSONWebKeySet(parsing: content.bytes)
        } catch let error as FileReadError {
            guard issuer.source != nil, error == .missing else { throw error }
            return .empty
        }
    }

    private mutating func check(_ settings: InboundSettings) {
        let needsToken = settings.mode.needsToken || !section.bindingRequiredPaths.isEmpty
        if needsToken, section.tokens == nil {
            fail("inbound_auth_mode \(settings.mode.rawValue) needs tokens; say in \"tokens\" whose are good")
        }
        let needsBinding = settings.mode == .bearerPlusMTLSRequired || !section.bindingRequiredPaths.isEmpty
        if needsBinding, !settings.reader.format.tellsThumbprint {
            fail("tokens cannot be bound to what \(settings.reader.headerName) tells, which has no digest")
        }
        if section.trustedProxies.isEmpty {
            warn("trusted_proxy_cidrs is empty, so that no forwarded certificate counts")
        }
        if section.revocationLists.isEmpty, settings.verifier != nil || settings.reader.format == .terminator {
            warn(
                "crls is not set, so that a certificate that was revoked is accepted until it ends; name the crl.pem of an "
                    + "agent on this host"
            )
        }
        let isOpen = !section.listen.address.isLoopback && section.proxyAuthorities == nil
        if isOpen || !(section.grpcListen?.address.isLoopback ?? true) {
            warn(
                "the service is open to other hosts, and proxies show no certificate: whoever is in trusted_proxy_cidrs is "
                    + "believed"
            )
        }
    }

    /// Says which entries of the allow list are about callers that no authority may vouch for.
    private mutating func checkVouching(_ settings: InboundSettings) {
        guard let scope = settings.verifier?.trust.trustDomains else { return }
        for (call, entry) in zip(section.allowList ?? [], settings.allowList?.entries ?? []) {
            guard let trustDomain = entry.caller.trustDomain, !scope.contains(trustDomain) else { continue }
            if scope == .only([]) {
                problems.append(
                    ConfigurationProblem(
                        place: call.callerPlace,
                        message: "client_ca has several authorities that are bound to no trust domain, so that none of "
                            + "them may vouch for \(call.caller); list them under trust_domains"
                    )
                )
            } else {
                problems.append(
                    ConfigurationProblem(
                        severity: .warning,
                        place: call.callerPlace,
                        message: "no authority is bound to the trust domain \(trustDomain.name); nobody can be "
                            + call.caller
                    )
                )
            }
        }
    }

    private mutating func fail(_ message: String) {
        problems.append(ConfigurationProblem(place: section.place, message: message))
    }

    private mutating func warn(_ message: String) {
        problems.append(ConfigurationProblem(severity: .warning, place: section.place, message: message))
    }
}
