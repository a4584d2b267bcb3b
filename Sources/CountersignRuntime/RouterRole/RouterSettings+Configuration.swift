package import CountersignConfiguration
import CountersignHTTP1
import CountersignHTTP2
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouter
import CountersignRouting
import CountersignTLS

extension RouterSettings {
    /// Checks all that only the content of files tells, for `ConfigurationLoader`.
    ///
    /// - Returns: the settings, usable when there is no problem; `nil` when the file has no router.
    package static func verified(
        _ configuration: Configuration,
        _ pems: PEMMaterial,
        now: Int64
    ) -> (settings: RouterSettings?, problems: [ConfigurationProblem]) {
        guard let router = configuration.router else { return (nil, []) }
        var problems: [ConfigurationProblem] = []
        var settings = RouterSettings(
            router,
            upstreams: configuration.subgraphs,
            pems: pems,
            now: now,
            problems: &problems
        )
        problems += upstreamWarnings(configuration, router)
        if let section = router.revocation {
            do throws(MaterialFault) {
                settings.revocationFeed = try revocationFeed(section, pems, now)
            } catch {
                problems += error.problems
            }
        }
        if let section = router.control {
            do throws(MaterialFault) {
                settings.control = try ControlFeedPlan.read(section, pems, now)
            } catch {
                problems += error.problems
            }
        }
        if let section = configuration.nats {
            // The secrets come later; what is wrong with certificates is found here.
            do throws(MaterialFault) {
                settings.bus = try RouteBusPlan.read(section, pems, SecretMaterial(), now)
            } catch {
                problems += error.problems
            }
        }
        settings.federation = FederatedDomain.list(configuration.federation, pems, &problems)
        problems += unwritable(configuration, router)
        do throws(MaterialFault) {
            settings.authority = try authority(configuration.mtls, pems, now)
            settings.identityPlan = IdentityPlan(configuration.mtls, authority: settings.authority)
            settings.presentedIdentity = try presentedIdentity(configuration.mtls, pems, now)
            settings.ownTrustDomain = configuration.mtls.trustDomain
        } catch {
            problems += error.problems
        }
        settings.readUpstreams(configuration, pems, now, &problems)
        return (settings, problems)
    }

    /// The authority of the process's own identity: the one in files, or an ephemeral one; `nil` when it has none.
    private static func authority(
        _ section: MutualTLSSection,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(MaterialFault) -> IssuingAuthority? {
        guard section.isEnabled, section.certificate == nil, section.workloadAPI == nil,
            let trustDomain = section.trustDomain
        else { return nil }
        guard let certificate = section.authorityCertificate, let key = section.authorityKey else {
            do throws(PKIError) {
                return try .ephemeral(trustDomain: trustDomain, now: now)
            } catch {
                throw MaterialFault(problems: [])
            }
        }
        return try parse(certificate, pems) { text throws(PKIError) in
            guard let keyText = pems[key] else { return nil }
            return try IssuingAuthority(certificatePEM: Array(text.utf8), keyPEM: Array(keyText.utf8), now: now)
        }
    }

    /// Files that the router will have to write and cannot.
    private static func unwritable(
        _ configuration: Configuration,
        _ router: RouterSection
    ) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        if case .file(let path) = router.accessLog.destination,
            let fault = WriteCheck.fault(of: path, isReplaced: false)
        {
            problems.append(ConfigurationProblem(place: router.accessLogPlace, message: "the file \(path) \(fault)"))
        }
        if let control = router.control, let fault = WriteCheck.fault(of: control.copy, isReplaced: true) {
            problems.append(
                ConfigurationProblem(place: control.copyPlace, message: "the file \(control.copy) \(fault)")
            )
        }
        let mtls = configuration.mtls
        if mtls.isEnabled, let path = mtls.trustBundlePath, let fault = WriteCheck.fault(of: path, isReplaced: true) {
            problems.append(ConfigurationProblem(place: mtls.trustBundlePlace, message: "the file \(path) \(fault)"))
        }
        return problems
    }

    /// What the router does not do for the upstreams that its routes name.
    private static func upstreamWarnings(
        _ configuration: Configuration,
        _ router: RouterSection
    ) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        var named: Set<String> = []
        for route in router.routes {
            guard case .upstream(let name) = route.target,
                let upstream = configuration.subgraphs.first(where: { $0.name == name })
            else { continue }
            guard named.insert(name).inserted, upstream.url.path != "/" else { continue }
            let message =
                "the path of the URL is not used: the router sends requests to upstream \(name) with their own path"
            problems.append(ConfigurationProblem(severity: .warning, place: upstream.urlPlace, message: message))
        }
        return problems
    }

    /// Makes the settings of a router from its part of a configuration and the PEM texts that it names.
    ///
    /// Every problem with a certificate, key or list is added to `problems` with its place in the file; the settings
    /// are usable only when there is none. Authorities and lists must be valid at `now`, in Unix seconds.
    package init(
        _ router: RouterSection,
        upstreams: [UpstreamSection],
        pems: PEMMaterial,
        now: Int64,
        problems: inout [ConfigurationProblem]
    ) {
        self.init()
        minimumVersion = router.tls.minimumVersion == .tls13 ? .tls13 : .tls12
        for certificate in router.tls.certificates {
            do throws(MaterialFault) {
                identities.append(try Self.identity(certificate, pems, now))
            } catch {
                problems += error.problems
            }
        }
        for section in router.domains + router.namelessDomains {
            if let domain = Self.domain(section, pems, now, &problems) { domains.append(domain) }
        }
        problems += Self.trustDomainProblems(router, domains)
        routes = router.routes.map { Self.route($0, upstreams) }
        limits = Self.limits(router)
        offersHTTP2 = router.http2.isEnabled
        timeouts = Self.timeouts(router.timeouts)
        timeouts.maximumConnectionAge = router.maximumConnectionAge
        balancing = Self.balancing(router.balancing)
        ejection = Self.ejection(router.ejection)
        retries = Self.retries(router.retries)
        healthChecks = Self.healthChecks(router, upstreams)
        traffic = Self.traffic(router)
    }

    static func identity(
        _ section: CertificateSection,
        _ pems: PEMMaterial,
        _ now: Int64
    ) throws(MaterialFault) -> TLSIdentity {
        let chain = try parse(section.chain, pems) { text throws(PKIError) in try CertificateChain(pem: text) }
        let key = try parse(section.privateKey, pems) { text throws(PKIError) in try PrivateKey(pem: text) }
        guard let leaf = chain.certificates.first, key.matches(leaf) else {
            throw problem(section.privateKey, "the key does not belong to the first certificate of cert_chain")
        }
        guard leaf.notAfter > now else {
            let end = CalendarTime(unixSeconds: leaf.notAfter).rfc3339
            throw problem(section.chain, "the certificate expired at \(end); replace it by a current one")
        }
        let names = chain.leafDNSNames
        return TLSIdentity(certificateChain: chain.der, privateKey: key.derPKCS8, dnsNames: names)
    }

    private static func route(_ section: RouteSection, _ upstreams: [UpstreamSection]) -> RouteDefinition {
        var endpoints: [Endpoint] = []
        var options = section.options
        switch section.target {
        case .endpoints(let listed): endpoints = listed
        case .upstream(let name):
            if let upstream = upstreams.first(where: { $0.name == name }) {
                endpoints = upstream.endpoints
                if options["loadbalancing"] == nil {
                    // Names stay distinct: what belongs to a hash is refused without one.
                    options = (try? RouteOptions(options.elements + upstream.balancing.elements)) ?? options
                }
            }
        }
        return RouteDefinition(
            pattern: section.pattern,
            endpoints: endpoints,
            options: options,
            policy: section.policy,
            place: section.place.description
        )
    }

    private static func limits(_ router: RouterSection) -> RouterLimits {
        var limits = RouterLimits()
        limits.head = HeadLimits(
            maxRequestLineBytes: router.limits.maximumRequestLineBytes,
            maxHeaderLineBytes: router.limits.maximumHeaderLineBytes,
            maxHeadBytes: router.limits.maximumHeadBytes,
            maxHeaderCount: router.limits.maximumHeaders
        )
        limits.maximumConnections = router.limits.maximumConnections
        limits.maximumIdlePerEndpoint = router.pool.maximumIdlePerEndpoint
        limits.http2.maxConcurrentStreams = router.http2.maximumConcurrentStreams
        limits.http2.streamWindow = router.http2.streamWindow
        limits.http2.connectionWindow = router.http2.connectionWindow
        return limits
    }

    private static func traffic(_ router: RouterSection) -> TrafficRules {
        var rules = TrafficRules()
        rules.upgradeProtocols = router.traffic.upgradeProtocols.map { Array($0.utf8) }
        let permissive = router.listen.indices.filter { router.traffic.permissiveListeners.contains(router.listen[$0]) }
        rules.permissiveListeners = Set(permissive)
        rules.samplesNewTraces = router.traffic.samplesNewTraces
        rules.proxyHeaders = router.traffic.proxyHeaders.map {
            ProxyHeaderRules(from: $0.from, isRequired: $0.isRequired)
        }
        return rules
    }

    static func timeouts(_ section: TimeoutsSection) -> RouterTimeouts {
        var timeouts = RouterTimeouts()
        timeouts.handshake = section.handshake
        timeouts.requestHead = section.requestHead
        timeouts.bodyIdle = section.bodyIdle
        timeouts.keepAlive = section.keepAlive
        timeouts.connect = section.connect
        timeouts.response = section.response
        timeouts.upstreamKeepAlive = section.upstreamKeepAlive
        timeouts.tunnelIdle = section.tunnelIdle
        timeouts.drain = section.drain
        return timeouts
    }
}
