import CountersignAdmin
import CountersignAgent
package import CountersignConfiguration
import CountersignFiles
import CountersignIdentity
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Runs `countersign agent` from start to end.
package final class AgentProgram: Sendable {
    private let path: String
    private let loader: ConfigurationLoader
    private let levels: LogLevelSwitch
    private let logger: Logger
    private let health = HealthState()
    private let registry = MetricsRegistry()
    private let loop = AgentLoop(clock: AgentProgram.now)

    /// Runs until SIGTERM or SIGINT; blocks.
    ///
    /// - Throws: ``ConfigurationRefusal`` with every problem of the file, or what kept the process from starting.
    package static func run(path: String, loader: ConfigurationLoader) throws {
        let events = try ControlEvents()
        let loaded = try LoadedAgent.load(path: path, loader: loader)
        let log = loaded.configuration.log
        let logging = LoggingSetup(form: log.format == .text ? .text : .json, level: Logger.Level(log.level))
        try AgentProgram(path: path, loader: loader, logging: logging).serve(loaded, events)
    }

    private init(path: String, loader: ConfigurationLoader, logging: LoggingSetup) {
        self.path = path
        self.loader = loader
        self.levels = logging.levelSwitch
        self.logger = logging.makeLogger(label: "countersign.agent")
    }

    private func serve(_ loaded: LoadedAgent, _ events: ControlEvents) throws {
        let section = loaded.section
        let client = try HTTPAuthorityClient(
            url: section.authority?.description ?? "",
            expecting: section.authorityID.map { PeerNameRequirement.spiffe($0) },
            lifetimeSeconds: section.certificateLifetime?.components.seconds
        )
        let workloads = WorkloadAPI(
            section,
            client: client,
            registry: registry,
            health: health,
            logger: logger,
            clock: Self.now
        )
        let core = try makeCore(loaded, client, workloads)
        let admin = try AdminServer(
            listen: try SocketAddress(loaded.configuration.admin.listen),
            health: health,
            metrics: registry
        )
        let federation = workloads.map { AgentFederation($0, health: health, logger: logger) }
        federation?.follow(loaded.federation, logger)
        let server = try workloads?.start()
        tell(loaded.warnings)
        health.markStarted()
        logger.info(
            "agent is serving",
            metadata: [
                "authority": .string(section.authority?.description ?? ""),
                "directory": .string(section.certificateDirectory),
                "services": .stringConvertible(section.services.count),
                "admin": .string(admin.address.description),
                "version": .string(CountersignVersion.current),
            ]
        )
        try spawn(name: "control") { [self] in
            while true {
                switch events.next() {
                case .reload, .filesChanged:
                    if let next = reload(from: loaded, workloads) { federation?.follow(next.federation, logger) }
                case .reopenLogs, .namesChanged: break
                case .stop:
                    loop.stop()
                    return
                }
            }
        }
        let follower = try FeedFollower(client, hostName: loaded.settings.hostName, logger: logger) { [loop] in
            loop.post($0)
        }
        let watcher = watchJoinToken(section)
        loop.run(core)
        withExtendedLifetime(watcher) { follower.stop() }
        health.markDraining()
        federation?.stop()
        if let server { workloads?.stop(server) }
        admin.stop()
        logger.info("agent has stopped")
    }

    /// Has a join token taken up when it is put there; without a folder to watch, it is looked for with each retry.
    private func watchJoinToken(_ section: AgentSection) -> FileWatcher? {
        let loop = self.loop
        guard let file = section.joinTokenFile, let watcher = try? FileWatcher(onChange: { loop.post(.joinTicket) }),
            watcher.watch([file]).isEmpty
        else { return nil }
        return watcher
    }

    private func makeCore(
        _ loaded: LoadedAgent,
        _ client: HTTPAuthorityClient,
        _ workloads: WorkloadAPI?
    ) throws -> AgentCore {
        let section = loaded.section
        let loop = self.loop
        return try AgentCore(
            settings: loaded.settings,
            directory: try CertificateDirectory(path: section.certificateDirectory),
            client: client,
            worker: try WorkerPool { loop.post($0) },
            surroundings: AgentCore.Surroundings(
                clock: Self.now,
                reload: ReloadRunner.run,
                health: health,
                metrics: AgentMetrics(registry: registry),
                logger: logger,
                workloads: workloads?.publisher
            )
        )
    }

    /// Takes up services and log level anew; with anything wrong in the file, all stays as it is.
    ///
    /// - Returns: what is in force now; nil when nothing changed.
    private func reload(from first: LoadedAgent, _ workloads: WorkloadAPI?) -> LoadedAgent? {
        do {
            let next = try LoadedAgent.load(path: path, loader: loader)
            levels.level = Logger.Level(next.configuration.log.level)
            loop.post(.services(next.settings.services))
            workloads?.service.use(next.section.workloadRules)
            health.set("configuration", .ok)
            logger.info("configuration reloaded", metadata: ["file": .string(path)])
            tell(next.warnings)
            let kept = first.keysThatNeedRestart(against: next)
            if !kept.isEmpty {
                logger.warning(
                    "changes that need a restart are not taken up",
                    metadata: ["changed": .string(kept.joined(separator: ", "))]
                )
            }
            return next
        } catch {
            health.set(
                "configuration",
                .degraded(reason: "the file was refused, the previous one is in force: \(error)")
            )
            logger.error("configuration refused", metadata: ["file": .string(path), "reason": .string("\(error)")])
            return nil
        }
    }

    private func tell(_ warnings: [ConfigurationProblem]) {
        for warning in warnings {
            logger.warning("configuration warning", metadata: ["problem": .string(warning.description)])
        }
    }

    private static let now: @Sendable () -> Int64 = { WallClock.nanoseconds() / 1_000_000 }
}

extension LoadedAgent {
    /// The keys that differ and are read once, at start.
    fileprivate func keysThatNeedRestart(against next: LoadedAgent) -> [String] {
        var keys: [String] = []
        if section.authority != next.section.authority { keys.append("agent.authority") }
        if section.authorityID != next.section.authorityID { keys.append("agent.authority_spiffe_id") }
        if section.authorities != next.section.authorities { keys.append("agent.ca_certs") }
        if section.certificateDirectory != next.section.certificateDirectory { keys.append("agent.cert_dir") }
        if section.joinTokenFile != next.section.joinTokenFile { keys.append("agent.join_token_file") }
        if section.key != next.section.key { keys.append("agent.key") }
        if section.keyLifetime != next.section.keyLifetime { keys.append("agent.key_lifetime") }
        if section.alarmBelow != next.section.alarmBelow { keys.append("agent.alarm_below") }
        if section.bundleInterval != next.section.bundleInterval { keys.append("agent.bundle_interval") }
        if section.keepsRevocationLists != next.section.keepsRevocationLists { keys.append("agent.revocation_lists") }
        if section.certificateLifetime != next.section.certificateLifetime { keys.append("agent.ttl") }
        if section.socketPath != next.section.socketPath { keys.append("agent.socket") }
        if section.socketMode != next.section.socketMode { keys.append("agent.socket_mode") }
        if configuration.admin != next.configuration.admin { keys.append("admin") }
        return keys
    }
}
