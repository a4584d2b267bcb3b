import CountersignAdmin
package import CountersignConfiguration
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
    private let path: String
    private let loader: ConfigurationLoader
    private let events: ControlEvents
    private let levels: LogLevelSwitch
    private let logger: Logger
    private let router: Router
    private let admin: AdminServer
    private let health: HealthState
    private let metrics: RouterMetrics
    private let accessLog: AccessLogWriter?
    private let revoked: RevokedCertificates
    private var loaded: LoadedRouter
    private var watcher: FileWatcher?
    private var identity: ProcessIdentity?
    private let revocations: RevocationFollowing

    /// Runs until SIGTERM or SIGINT; blocks.
    ///
    /// - Throws: ``ConfigurationRefusal`` with every problem of the file, or what kept the process from starting.
    package static func run(path: String, loader: ConfigurationLoader) throws {
        let events = try ControlEvents()
        let revoked = RevokedCertificates()
        let loaded = try LoadedRouter.load(path: path, loader: loader, revoked: revoked, now: Int64(time(nil)))
        try RouterProgram(path: path, loader: loader, events: events, loaded: loaded, revoked: revoked).serve()
    }

    private init(
        path: String,
        loader: ConfigurationLoader,
        events: ControlEvents,
        loaded: LoadedRouter,
        revoked: RevokedCertificates
    ) throws {
        self.revoked = revoked
        self.path = path
        self.loader = loader
        self.events = events
        self.loaded = loaded
        let configuration = loaded.configuration
        let logging = LoggingSetup(
            form: configuration.log.format == .text ? .text : .json,
            level: Logger.Level(configuration.log.level)
        )
        self.levels = logging.levelSwitch
        self.logger = logging.makeLogger(label: "countersign.router")
        let registry = MetricsRegistry()
        let workers = loaded.router.workers ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        self.metrics = RouterMetrics(registry: registry, shards: workers, version: CountersignVersion.current)
        self.health = HealthState()
        self.accessLog = try Self.openAccessLog(loaded.router.accessLog, registry, logger)
        self.revocations = RevocationFollowing(
            loaded.settings.revocationFeed,
            revoked: revoked,
            health: health,
            logger: logger,
            makeSource: { try HTTPRevocationSource($0) }
        )
        self.router = try Router(
            listen: try loaded.router.listen.map { try SocketAddress($0) },
            workers: workers,
            snapshot: loaded.snapshot,
            revoked: revoked,
            metrics: metrics,
            accessLog: accessLog,
            logger: logger
        )
        self.admin = try AdminServer(
            listen: try SocketAddress(configuration.admin.listen),
            health: health,
            metrics: registry
        )
    }

    private func serve() throws {
        tellWarnings()
        adopt(loaded)
        try startIdentity()
        try revocations.follow(loaded.settings.revocationFeed, for: router)
        health.markStarted()
        watcher = try watch(loaded.files)
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
        while true {
            switch events.next() {
            case .reload, .filesChanged: reload()
            case .reopenLogs: accessLog?.reopen()
            case .stop:
                stop()
                return
            }
        }
    }

    /// Takes up the file anew; with anything wrong in it, the old configuration stays as a whole.
    private func reload() {
        do {
            let next = try LoadedRouter.load(path: path, loader: loader, revoked: revoked, now: Int64(time(nil)))
            try refuseWhatNeedsRestart(next)
            try revocations.follow(next.settings.revocationFeed, for: router)
            router.apply(next.snapshot)
            levels.level = Logger.Level(next.configuration.log.level)
            if next.files != loaded.files { watcher = try watch(next.files) }
            loaded = next
            adopt(next)
            metrics.configurationReloads.add(.success, shard: 0)
            health.set("configuration", .ok)
            logger.info("configuration reloaded", metadata: ["file": .string(path)])
            tellWarnings()
        } catch {
            metrics.configurationReloads.add(.failure, shard: 0)
            health.set(
                "configuration",
                .degraded(reason: "the file was refused, the previous one is in force: \(error)")
            )
            logger.error("configuration refused", metadata: ["file": .string(path), "reason": .string("\(error)")])
        }
    }

    /// Sockets, threads and the log's destination are made once, at start.
    private func refuseWhatNeedsRestart(_ next: LoadedRouter) throws {
        var changed: [(key: String, place: ConfigurationPlace)] = []
        let place = next.router.place
        if next.router.listen != loaded.router.listen { changed.append(("listen", place)) }
        if next.router.workers != loaded.router.workers { changed.append(("workers", place)) }
        if next.router.accessLog != loaded.router.accessLog { changed.append(("access_log", place)) }
        if next.configuration.admin != loaded.configuration.admin { changed.append(("admin", place)) }
        if next.configuration.log.format != loaded.configuration.log.format { changed.append(("log.format", place)) }
        guard !changed.isEmpty else { return }
        throw ConfigurationRefusal(
            problems: changed.map { key, place in
                ConfigurationProblem(place: place, message: "\(key) cannot be changed without a restart")
            }
        )
    }

    private func adopt(_ loaded: LoadedRouter) {
        metrics.configurationAge.set(WallClock.nanoseconds())
        for (index, section) in loaded.router.tls.certificates.enumerated() {
            guard loaded.settings.identities.indices.contains(index) else { continue }
            let identity = loaded.settings.identities[index]
            guard let leaf = identity.certificateChain.first.flatMap({ try? ParsedCertificate(der: $0) }) else {
                continue
            }
            let name = identity.dnsNames.first ?? section.chain.source.description
            metrics.mtls.certificateExpiry.child(name).set(leaf.notAfter * 1_000_000_000)
        }
    }

    private func startIdentity() throws {
        let section = loaded.configuration.mtls
        guard let authority = loaded.settings.authority, let trustDomain = section.trustDomain else { return }
        identity = try ProcessIdentity(
            section,
            trustDomain: trustDomain,
            authority: authority,
            health: health,
            metrics: metrics.mtls,
            logger: logger
        )
    }

    private func tellWarnings() {
        for warning in loaded.warnings {
            logger.warning("configuration warning", metadata: ["problem": .string(warning.description)])
        }
    }

    private func watch(_ files: [String]) throws -> FileWatcher {
        let events = self.events
        return try FileWatcher(paths: files) { events.put(.filesChanged) }
    }

    private func stop() {
        logger.info("router is draining", metadata: ["within": .string("\(loaded.router.timeouts.drain)")])
        health.markDraining()
        revocations.stop()
        let isClean = router.drain(within: loaded.router.timeouts.drain)
        admin.stop()
        accessLog?.close(within: .seconds(5))
        logger.info("router has stopped", metadata: ["cut": .stringConvertible(!isClean)])
    }

    private static func openAccessLog(
        _ section: AccessLogSection,
        _ registry: MetricsRegistry,
        _ logger: Logger
    ) throws -> AccessLogWriter? {
        let destination: AccessLogDestination
        switch section.destination {
        case .off: return nil
        case .standardOutput: destination = .descriptor(1)
        case .file(let path): destination = .file(path: path)
        }
        var configuration = AccessLogConfiguration()
        configuration.form = section.format == .text ? .text : .json
        configuration.flushInterval = section.flushInterval
        return try AccessLogWriter(
            configuration: configuration,
            destination: destination,
            metrics: AccessLogMetrics(registry: registry),
            logger: logger
        )
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
