import CountersignAdmin
import CountersignAgent
import CountersignConfiguration
import CountersignFiles
import CountersignPolicy
import CountersignRouter
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Runs `countersign egress` from start to end.
package final class EgressProgram {
    private let path: String
    private let environment: @Sendable (String) -> String?
    private let events: ControlEvents
    private let levels: LogLevelSwitch
    private let logger: Logger
    private let health = HealthState()
    private let watcher: FileWatcher
    private let metrics: RouterMetrics
    private let egressMetrics: EgressMetrics
    private let certificates: WorkloadCertificates
    private let inspector = ProcessInspector()
    private let work = EgressWork()
    private let accessLog: AccessLogWriter?
    private let router: Router
    private let admin: AdminServer
    private var workloads: [String: LocalWorkload] = [:]
    private var loaded: LoadedEgress
    /// What the last attempt to load read, whether or not it came into force.
    private var lastAttempt: ConfigurationSources

    /// Runs until SIGTERM or SIGINT; blocks.
    ///
    /// - Throws: ``ConfigurationRefusal`` with every problem of the file, or what kept the process from starting.
    package static func run(path: String, environment: @escaping @Sendable (String) -> String?) throws {
        let events = try ControlEvents()
        let loaded = try LoadedEgress.load(path: path, environment: environment, now: Int64(time(nil)))
        try EgressProgram(path: path, environment: environment, events: events, loaded: loaded).serve()
    }

    private init(
        path: String,
        environment: @escaping @Sendable (String) -> String?,
        events: ControlEvents,
        loaded: LoadedEgress
    ) throws {
        (self.path, self.environment, self.events, self.loaded) = (path, environment, events, loaded)
        self.lastAttempt = loaded.sources
        self.watcher = try FileWatcher { events.put(.filesChanged) }
        let log = loaded.configuration.log
        let logging = LoggingSetup(form: log.format == .text ? .text : .json, level: Logger.Level(log.level))
        self.levels = logging.levelSwitch
        let logger = logging.makeLogger(label: "countersign.egress")
        self.logger = logger
        let (registry, health) = (MetricsRegistry(), self.health)
        let workers = loaded.section.workers ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let metrics = RouterMetrics(
            registry: registry,
            shards: workers,
            version: CountersignVersion.current,
            commit: CountersignVersion.commit
        )
        let egressMetrics = EgressMetrics(registry: registry, shards: workers)
        (self.metrics, self.egressMetrics) = (metrics, egressMetrics)
        self.certificates = WorkloadCertificates(health: health, metrics: metrics.mtls, logger: logger)
        let section = loaded.section
        let accessLog = try AccessLogWriter.open(section.accessLog, at: section.accessLogPlace, registry, logger)
        self.accessLog = accessLog
        let workloads = Self.workloads(of: loaded.settings, keeping: [:])
        self.workloads = workloads
        certificates.refresh(Array(workloads.values), in: loaded.settings.certificateDirectory)
        let callers = LocalCallers(
            loaded.settings.workloads,
            workloads,
            inspector,
            egressMetrics,
            within: loaded.settings.lookup
        )
        let snapshot = try loaded.settings.makeSnapshot(callers: callers, metrics: egressMetrics, work: work)
        self.router = try ListenFault.naming("egress.listen") {
            try Router(
                listen: [try SocketAddress(section.listen)],
                workers: workers,
                snapshot: snapshot,
                revoked: RevokedCertificates(),
                metrics: metrics,
                accessLog: accessLog,
                logger: logger,
                health: health
            )
        }
        self.admin = try ListenFault.naming("admin.listen") {
            try AdminServer(
                listen: try SocketAddress(loaded.configuration.admin.listen),
                health: health,
                metrics: registry
            )
        }
    }

    /// The workloads of a configuration; those that stay keep what they present, and with it their connections' pools.
    private static func workloads(
        of settings: EgressSettings,
        keeping known: [String: LocalWorkload]
    ) -> [String: LocalWorkload] {
        let names = settings.workloadNames
        return Dictionary(uniqueKeysWithValues: names.map { ($0, known[$0] ?? LocalWorkload(name: $0)) })
    }

    private func serve() {
        adopt(loaded)
        health.markStarted()
        logger.info(
            "egress is serving",
            metadata: [
                "listen": .string(router.addresses.map(\.description).joined(separator: ",")),
                "admin": .string(admin.address.description),
                "domains": .stringConvertible(loaded.settings.rules.domains.count),
                "workloads": .stringConvertible(workloads.count),
                "others": .string(loaded.settings.rules.others.rawValue),
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
        case .filesChanged:
            refreshCertificates()
            reload(isForced: false)
        case .reopenLogs: accessLog?.reopen()
        case .namesChanged: break
        case .stop: return false
        }
        return true
    }

    private func stop() {
        health.markDraining()
        let timeouts = loaded.section.timeouts
        if timeouts.drainWait > .zero {
            logger.info("egress will drain", metadata: ["after": .string("\(timeouts.drainWait)")])
            let end = ContinuousClock.now + timeouts.drainWait
            while let event = events.next(until: end), act(on: event) {}
        }
        logger.info("egress is draining", metadata: ["within": .string("\(timeouts.drain)")])
        let isClean = router.drain(within: timeouts.drain)
        admin.stop()
        accessLog?.close(within: .seconds(5))
        logger.info("egress has stopped", metadata: ["cut": .stringConvertible(!isClean)])
    }

    private func refreshCertificates() {
        certificates.refresh(Array(workloads.values), in: loaded.settings.certificateDirectory)
    }

    /// Takes up the file anew; with anything wrong in it, the old configuration stays as a whole.
    private func reload(isForced: Bool) {
        do {
            let next = try LoadedEgress.load(path: path, environment: environment, now: Int64(time(nil)))
            guard noteAttempt(next.sources) || isForced else { return }
            let kept = loaded.keysThatNeedRestart(against: next)
            try takeEffect(next)
            metrics.configurationReloads.add(.success, shard: 0)
            health.set("configuration", .ok)
            logger.info("configuration reloaded", metadata: ["file": .string(path)])
            if !kept.isEmpty {
                logger.warning(
                    "changes that need a restart are not taken up",
                    metadata: ["changed": .string(kept.joined(separator: ", "))]
                )
            }
        } catch {
            if let refusal = error as? ConfigurationRefusal, !refusal.sources.files.isEmpty {
                watch(loaded, and: refusal.sources.files)
                guard noteAttempt(refusal.sources) || isForced else { return }
            }
            metrics.configurationReloads.add(.failure, shard: 0)
            health.set(
                "configuration",
                .degraded(reason: "the file was refused, the previous one is in force: \(error)")
            )
            logger.error("configuration refused", metadata: ["file": .string(path), "reason": .string("\(error)")])
        }
    }

    private func takeEffect(_ next: LoadedEgress) throws {
        let workloads = Self.workloads(of: next.settings, keeping: workloads)
        let callers = LocalCallers(
            next.settings.workloads,
            workloads,
            inspector,
            egressMetrics,
            within: next.settings.lookup
        )
        let snapshot = try next.settings.makeSnapshot(callers: callers, metrics: egressMetrics, work: work)
        for gone in self.workloads.values where workloads[gone.name] == nil { gone.identity.replace(nil) }
        self.workloads = workloads
        loaded = next
        refreshCertificates()
        router.apply(snapshot)
        levels.level = Logger.Level(next.configuration.log.level)
        adopt(next)
    }

    /// Keeps in mind what an attempt read, and answers whether it differs from the attempt before.
    private func noteAttempt(_ sources: ConfigurationSources) -> Bool {
        defer { lastAttempt = sources }
        return sources != lastAttempt
    }

    /// Tells what the operator should know of a configuration, and watches its files.
    private func adopt(_ loaded: LoadedEgress) {
        watch(loaded)
        // What was exchanged before it was watched.
        refreshCertificates()
        for warning in loaded.warnings {
            logger.warning("configuration warning", metadata: ["problem": .string(warning.description)])
        }
        let (descriptors, wanted) = (DescriptorLimit.raise(), loaded.settings.limits.maximumConnections)
        let possible = EgressSettings.maximumConnections(descriptors: descriptors)
        guard possible < wanted else { return }
        logger.warning(
            "fewer file descriptors than max_connections may need, so that fewer connections are taken",
            metadata: [
                "limit": .stringConvertible(descriptors), "max_connections": .stringConvertible(wanted),
                "taken": .stringConvertible(possible),
            ]
        )
    }

    private func watch(_ loaded: LoadedEgress, and others: [String] = []) {
        let settings = loaded.settings
        let files = WorkloadCertificates.files(of: settings.workloadNames, in: settings.certificateDirectory)
        for error in watcher.watch(loaded.sources.files + others + files) {
            logger.warning("a folder cannot be watched", metadata: ["reason": .string("\(error)")])
        }
    }
}
