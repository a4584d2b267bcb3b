import CountersignAuthority
import CountersignConfiguration
import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Where an authority listens and how often it looks after things.
struct AuthorityServiceOptions: Sendable {
    var listen: SocketAddress
    var publicListen: SocketAddress?
    /// The CFSSL-compatible API; nil when it is not served.
    var cfssl: CFSSLOptions?
    /// The Vault-compatible API; nil when it is not served.
    var vault: VaultOptions?
    /// The control plane of routers; nil when it is not served.
    var control: ControlPlaneOptions?
    /// Where certificates of services are kept whose keys are made here; nil when none are.
    var certificateDirectory: String?
    /// Where the signing keys of tokens are kept; needed where tokens are issued.
    var tokenKeysPath: String?
    /// Services that look after their keys themselves.
    var unprovisioned: Set<String> = []
    var sweepInterval: Duration
    /// How many connections each listener has at once.
    var maximumConnections = AuthoritySection.defaultMaximumConnections
    /// Where the native API is served when ``listen`` is taken; nil makes that an error.
    var fallback: SocketAddress?
    /// DNS names of the server certificate.
    var serverNames: [String]
    /// IP addresses of the server certificate.
    var serverAddresses: [IPAddress]
}

extension AuthorityServiceOptions {
    /// The options from the configuration file.
    ///
    /// - Throws: ``SystemError`` for an address that cannot be used.
    init(_ section: AuthoritySection) throws {
        let address = section.listen.address
        self.init(
            listen: try SocketAddress(section.listen),
            publicListen: try section.publicListen.map { try SocketAddress($0) },
            vault: try VaultOptions(section),
            control: section.control.map(ControlPlaneOptions.init),
            certificateDirectory: section.certificateDirectory,
            tokenKeysPath: section.tokenKeysPath,
            unprovisioned: Set(section.services.filter { !$0.isProvisioned }.map(\.name)),
            sweepInterval: section.sweepInterval,
            maximumConnections: section.maximumConnections,
            serverNames: section.serverNames + (address.isLoopback ? ["localhost"] : []),
            serverAddresses: address.isUnspecified ? [] : [address]
        )
    }
}

extension AuthorityServiceOptions {
    /// Starts a server at ``listen``, or at ``fallback`` when that is taken.
    fileprivate func listening<Server>(_ start: (SocketAddress) throws -> Server) throws -> Server {
        do {
            return try start(listen)
        } catch let error as SystemError where error.code == EADDRINUSE {
            guard let fallback else { throw error }
            return try start(fallback)
        }
    }

    /// Looks after the signing keys of tokens; nil where none are issued.
    fileprivate func tokenDesk(for engine: AuthorityEngine, health: HealthState) throws -> TokenDesk? {
        guard let settings = engine.settings.tokens, let tokenKeysPath else { return nil }
        let file = TokenKeyFile(path: tokenKeysPath)
        return try TokenDesk(engine: engine, settings: settings, keeping: file, health: health)
    }

    /// Provisions what is configured to be; nil when nothing is.
    fileprivate func provisioner(for engine: AuthorityEngine, health: HealthState) throws -> CertificateProvisioner? {
        guard let path = certificateDirectory else { return nil }
        let provisioning = CertificateProvisioning(
            engine: engine,
            place: try ProvisioningDirectory(path: path, logger: engine.logger),
            excluded: unprovisioned,
            health: health
        )
        return try CertificateProvisioner(provisioning, revocations: engine.revocations, every: sweepInterval) {
            WallClock.nanoseconds() / 1_000_000
        }
    }
}

/// A running authority: its engine and every listener but the admin one.
final class AuthorityService: Sendable {
    let engine: AuthorityEngine
    /// The routes of the admin API, for the admin listener.
    let adminRoutes: RouteList
    /// Takes operators' wishes for rotation.
    let rotation: RotationDesk
    private let identity: AuthorityIdentity
    private let native: HTTPServer
    private let cfssl: HTTPServer?
    private let vault: HTTPServer?
    private let keeper: AuthorityKeeper
    private let provisioner: CertificateProvisioner?

    /// The address of the native API.
    var nativeAddress: SocketAddress { native.address }
    /// The address of the CFSSL-compatible API.
    var cfsslAddress: SocketAddress? { cfssl?.address }
    /// The address of the Vault-compatible API.
    var vaultAddress: SocketAddress? { vault?.address }
    /// The address of revocation lists, OCSP and bundles.
    var publicAddress: SocketAddress? { publicServer?.address }
    private let publicServer: HTTPServer?
    private let publisher: RevocationPublisher
    private let control: AuthorityControl?

    /// Starts everything.
    ///
    /// - Throws: ``AuthorityError``, ``SystemError`` or ``TLSError``.
    init(
        _ options: AuthorityServiceOptions,
        settings: AuthoritySettings,
        issuer: AuthorityIssuer,
        store: any InventoryStore,
        registry: MetricsRegistry,
        health: HealthState,
        logger: Logger
    ) throws {
        let engine = try AuthorityEngine(
            settings: settings,
            issuer: issuer,
            store: store,
            metrics: AuthorityMetrics(registry: registry),
            clock: .system,
            logger: logger
        )
        self.engine = engine
        let identity = try AuthorityIdentity(
            engine: engine,
            dnsNames: options.serverNames,
            addresses: options.serverAddresses,
            health: health
        )
        self.identity = identity
        engine.issuer.outside?.report(to: health, logger)
        let feed = RevocationBroadcast(engine: engine)
        let rotation = RotationDesk(engine: engine, feed: feed)
        self.rotation = rotation
        let tokens = try options.tokenDesk(for: engine, health: health)
        let publisher = try RevocationPublisher(engine: engine)
        self.publisher = publisher
        let control = try options.control.map { try AuthorityControl($0, engine: engine) }
        self.control = control
        self.adminRoutes = Self.adminRoutes(AdminSurface(engine: engine, rotation: rotation, tokens: tokens), control)
        var routes =
            NativeSurface(engine: engine, feed: feed, publisher: publisher, rotation: rotation, tokens: tokens).routes
        routes.append(contentsOf: adminRoutes)
        if let control { routes.append(contentsOf: control.feedRoutes) }
        let tls = Self.serverTLS(identity, logger)
        let router = try NativeSurface.makeRouter(routes, fault: AuthorityControl.fault)
        let limits = ConnectionLimits(options, metrics: engine.metrics, logger: logger)
        self.native = try options.listening { address in
            var settings = limits.settings(listener: "native", refused: RefusedPeer.native)
            control?.bound(&settings)
            return try HTTPServer(name: "native", listen: address, tls: tls, settings: settings, router: router)
        }
        let open = PublicSurface(engine: engine, publisher: publisher, tokens: tokens)
        self.publicServer = try options.publicListen.map { address in
            let settings = limits.settings(listener: "public")
            return try HTTPServer(name: "public", listen: address, settings: settings, handler: try open.makeHandler())
        }
        self.cfssl = try options.cfssl?.serve(engine: engine, publisher: publisher, tls: tls, limits: limits)
        self.vault = try options.vault?.serve(engine: engine, publisher: publisher, tls: tls, limits: limits)
        let issuers = try UnansweredIssuers(engine: engine, health: health)
        self.keeper = try Self.keeper(of: engine, identity, issuers, tokens, every: options.sweepInterval)
        provisioner = try options.provisioner(for: engine, health: health)
        if let provisioner { rotation.setRenewal { provisioner.renew($0) } }
    }

    private static func adminRoutes(_ surface: AdminSurface, _ control: AuthorityControl?) -> RouteList {
        var routes = surface.routes
        if let control { routes.append(contentsOf: control.adminRoutes) }
        return routes
    }

    private static func keeper(
        of engine: AuthorityEngine,
        _ identity: AuthorityIdentity,
        _ issuers: UnansweredIssuers,
        _ tokens: TokenDesk?,
        every interval: Duration
    ) throws -> AuthorityKeeper {
        try AuthorityKeeper(
            // Its own certificate is good for a day, and waits for no rare sweep; nor do signing keys.
            interval: min(interval, tokens == nil ? .seconds(3600) : .seconds(30)),
            tasks: [
                { identity.renewIfDue() },
                { engine.issuer.outside?.probe() },
                { engine.probeStore() },
                { engine.measureExpiries() },
                { issuers.tell() },
                { tokens?.advance() },
                { engine.forgetEndedRevocations() },
            ]
        )
    }

    private static func serverTLS(_ identity: AuthorityIdentity, _ logger: Logger) -> ServerTLS {
        ServerTLS(identity.context) { address, failure in
            logger.info(
                "handshake refused",
                metadata: ["address": .string("\(address)"), "reason": .string(failure.explanation)]
            )
        }
    }

    /// The bounds of a listener of ``adminRoutes``.
    var adminSettings: HTTPServerSettings {
        var settings = HTTPServerSettings()
        control?.bound(&settings)
        return settings
    }

    /// Finishes what is in hand, and closes the store.
    func stop() {
        provisioner?.stop()
        keeper.stop()
        cfssl?.stop(within: .seconds(5))
        vault?.stop(within: .seconds(5))
        native.stop(within: .seconds(5))
        publicServer?.stop(within: .seconds(1))
        publisher.stop()
        control?.stop()
        engine.store.close()
    }
}

extension AuthorityClock {
    /// The clocks of the system.
    static let system = AuthorityClock(
        now: { WallClock.nanoseconds() / 1_000_000_000 },
        monotonic: { UInt64(MonotonicClock.nanoseconds()) }
    )
}
