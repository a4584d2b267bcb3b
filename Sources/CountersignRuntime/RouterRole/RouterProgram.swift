import CountersignAdmin
import CountersignConfiguration
import CountersignFiles
import CountersignPKI
import CountersignRouter
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging
import Synchronization

/// Runs `countersign router` from start to end.
package final class RouterProgram {
    let path: String
    let environment: @Sendable (String) -> String?
    let levels: LogLevelSwitch
    let logger: Logger
    let router: Router
    let health: HealthState
    let metrics: RouterMetrics
    let watcher: FileWatcher
    /// The configuration in force.
    var loaded: LoadedRouter
    /// What the last attempt to load read, whether or not it came into force.
    var lastAttempt: ConfigurationSources
    var identity: ProcessIdentity?
    /// What takes the process's own identity from a Workload API, when it comes from there.
    var workload: WorkloadIdentitySource?
    /// What upstreams are shown.
    let presented = UpstreamIdentityHolder()
    let events: ControlEvents
    private let admin: AdminServer
    let status: StatusListeners?
    private let accessLog: AccessLogWriter?
    let revoked: RevokedCertificates
    let revocations: RevocationFollowing
    let federation: FederationFollowing
    let tokenKeys: KeySetFollowing
    let bus: RouteBus
    let control: ControlFollowing
    let names: NameResolver

    /// Runs until SIGTERM or SIGINT; blocks.
    ///
    /// - Throws: ``ConfigurationRefusal`` with every problem of the file, or what kept the process from starting.
    package static func run(path: String, environment: @escaping @Sendable (String) -> String?) throws {
        let events = try ControlEvents()
        let revoked = RevokedCertificates()
        let now = Int64(time(nil))
        let loaded = try LoadedRouter.load(path: path, environment: environment, revoked: revoked, now: now)
        try RouterProgram(path: path, environment: environment, events: events, loaded: loaded, revoked: revoked)
            .serve()
    }

    private init(
        path: String,
        environment: @escaping @Sendable (String) -> String?,
        events: ControlEvents,
        loaded unresolved: LoadedRouter,
        revoked: RevokedCertificates
    ) throws {
        (self.path, self.environment, self.events, self.revoked) = (path, environment, events, revoked)
        self.lastAttempt = unresolved.sources
        self.watcher = try FileWatcher { events.put(.filesChanged) }
        let configuration = unresolved.configuration
        let logging = LoggingSetup(
            form: configuration.log.format == .text ? .text : .json,
            level: Logger.Level(configuration.log.level)
        )
        let logger = logging.makeLogger(label: "countersign.router")
        (self.levels, self.logger) = (logging.levelSwitch, logger)
        let (registry, workers) = (MetricsRegistry(), Self.workerCount(unresolved))
        self.metrics = RouterMetrics(
            registry: registry,
            shards: workers,
            version: CountersignVersion.current,
            commit: CountersignVersion.commit
        )
        self.health = HealthState()
        self.names = NameResolver(health: health, failures: metrics.bus.unresolvedNames, logger: logger)
        let loaded = try Self.resolve(unresolved, by: names, revoked, heeding: events)
        self.loaded = loaded
        self.accessLog = try AccessLogWriter.open(loaded.router, registry, logger)
        self.revocations = RevocationFollowing(
            loaded.settings.revocationFeed,
            revoked: revoked,
            health: health,
            logger: logger,
            makeSource: { try HTTPRevocationSource($0) }
        )
        self.federation = FederationFollowing(health: health, logger: logger)
        self.tokenKeys = KeySetFollowing(health: health, logger: logger)
        self.control = ControlFollowing(health: health, metrics: metrics.control, names: names, logger: logger)
        self.bus = RouteBus(health: health, metrics: metrics.bus, logger: logger)
        let (metrics, health, accessLog, presented) = (self.metrics, self.health, self.accessLog, self.presented)
        // Before the first request, which may be for an upstream that asks for it.
        self.identity = try Self.makeIdentity(loaded, health, metrics, logger, presenting: presented)
        self.workload = try Self.followWorkloads(loaded, environment, health, metrics, logger, presented)
        self.router = try ListenFault.naming("router.listen") {
            try Router(
                listen: try loaded.router.listen.map { try SocketAddress($0) },
                workers: workers,
                snapshot: loaded.snapshot,
                revoked: revoked,
                identity: presented,
                metrics: metrics,
                accessLog: accessLog,
                logger: logger,
                health: health
            )
        }
        self.admin = try Self.openAdmin(configuration.admin, health, registry, router)
        self.status = try Self.openStatus(loaded.settings.status, health, router)
    }

    private static func workerCount(_ loaded: LoadedRouter) -> Int {
        loaded.router.workers ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    private func serve() throws {
        tellWarnings()
        adopt(loaded)
        try revocations.prepare(loaded.settings.revocationFeed, for: router)()
        try control.prepare(loaded.settings.control, for: router)()
        try bus.prepare(loaded.settings.bus, for: router)()
        health.markStarted()
        // Watched before anything is fetched, so that no change of a bundle's file goes unseen.
        watch(loaded.sources.files)
        try federation.follow(loaded.settings.federation)
        try tokenKeys.follow(loaded.settings.domains.compactMap(\.tokenKeys))
        logger.info(
            "router is serving",
            metadata: [
                "listen": .string(router.addresses.map(\.description).joined(separator: ",")),
                "admin": .string(admin.address.description),
                "domains": .stringConvertible(loaded.router.domains.count),
                "routes": .stringConvertible(loaded.router.routes.count),
                "version": .string(CountersignVersion.current),
            ]
        )
        while act(on: events.next()) {}
        stop()
    }

    /// Does what is asked.
    ///
    /// - Returns: `false` when that is to end.
    private func act(on event: ControlEvent) -> Bool {
        switch event {
        case .reload: reload(isForced: true)
        case .filesChanged: reload(isForced: false)
        case .reopenLogs: accessLog?.reopen()
        case .namesChanged: followNames()
        case .stop: return false
        }
        return true
    }

    /// Says that the router is not ready, and serves on until those who send it connections have heard of that.
    private func waitBeforeDrain() {
        health.markDraining()
        let wait = loaded.router.timeouts.drainWait
        guard wait > .zero else { return }
        logger.info("router will drain", metadata: ["after": .string("\(wait)")])
        let end = ContinuousClock.now + wait
        while let event = events.next(until: end), act(on: event) {}
    }

    private func stop() {
        waitBeforeDrain()
        logger.info("router is draining", metadata: ["within": .string("\(loaded.router.timeouts.drain)")])
        revocations.stop()
        federation.stop()
        tokenKeys.stop()
        bus.stop()
        control.stop()
        names.stop()
        workload?.stop()
        let isClean = router.drain(within: loaded.router.timeouts.drain)
        admin.stop()
        status?.stop()
        accessLog?.close(within: .seconds(5))
        logger.info("router has stopped", metadata: ["cut": .stringConvertible(!isClean)])
    }

    private static func openAdmin(
        _ section: AdminSection,
        _ health: HealthState,
        _ registry: MetricsRegistry,
        _ router: Router
    ) throws -> AdminServer {
        try ListenFault.naming("admin.listen") {
            try AdminServer(
                listen: try SocketAddress(section.listen),
                health: health,
                metrics: registry,
                routes: ExplainEndpoint.routes(for: router)
            )
        }
    }

    private static func openStatus(
        _ plan: StatusPlan?,
        _ health: HealthState,
        _ router: Router
    ) throws -> StatusListeners? {
        try plan.map { try StatusListeners($0, health: health) { router.listRoutes() } }
    }
}

extension SocketAddress {
    init(_ listen: ListenAddress) throws(SystemError) {
        guard let address = SocketAddress(numericHost: "\(listen.address)", port: listen.port) else {
            throw SystemError(action: "listen on \(listen)", code: EINVAL)
        }
        self = address
    }
}

extension Logger.Level {
    init(_ level: LogSection.Level) {
        self = Logger.Level(rawValue: level.rawValue) ?? .info
    }
}
