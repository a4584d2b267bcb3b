import CountersignAdmin
import CountersignAudit
import CountersignAuthentication
import CountersignAuthz
import CountersignConfiguration
import CountersignFiles
import CountersignHTTPServer
import CountersignIdentityMapping
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Runs `countersign authz` from start to end.
package final class AuthzProgram {
    private let path: String
    private let environment: @Sendable (String) -> String?
    private let events: ControlEvents
    private let levels: LogLevelSwitch
    private let logger: Logger
    private let health = HealthState()
    private let watcher: FileWatcher
    private let judge: AuthzJudge
    private let service: AuthzService
    private let envoy: EnvoyService?
    private let admin: AdminServer
    private let audit: AuditTrail?
    private let tokenKeys: KeySetFollowing
    /// What proxies are shown; a reload replaces it.
    private let tls: TLSContextHolder
    private var loaded: LoadedAuthz
    /// What the last attempt to load read, whether or not it came into force.
    private var lastAttempt: ConfigurationSources

    /// Runs until SIGTERM or SIGINT; blocks.
    ///
    /// - Throws: ``ConfigurationRefusal`` with every problem of the file, or what kept the process from starting.
    package static func run(path: String, environment: @escaping @Sendable (String) -> String?) throws {
        let events = try ControlEvents()
        let loaded = try LoadedAuthz.load(path: path, environment: environment, now: Int64(time(nil)))
        try AuthzProgram(path: path, environment: environment, events: events, loaded: loaded).serve()
    }

    private init(
        path: String,
        environment: @escaping @Sendable (String) -> String?,
        events: ControlEvents,
        loaded: LoadedAuthz
    ) throws {
        self.path = path
        self.environment = environment
        self.events = events
        self.loaded = loaded
        self.lastAttempt = loaded.sources
        self.watcher = try FileWatcher { events.put(.filesChanged) }
        let log = loaded.configuration.log
        let logging = LoggingSetup(form: log.format == .text ? .text : .json, level: Logger.Level(log.level))
        self.levels = logging.levelSwitch
        self.logger = logging.makeLogger(label: "countersign.authz")
        let registry = MetricsRegistry()
        let (health, logger) = (self.health, self.logger)
        self.tokenKeys = KeySetFollowing(health: health, logger: logger)
        let audit = try loaded.audit.map { settings in
            let metrics = AuditMetrics(registry: registry)
            return try AuditTrail(settings, source: .authz, metrics: metrics, health: health, logger: logger)
        }
        self.audit = audit
        let metrics = AuthzMetrics(registry: registry)
        let room = AuthzRoom(loaded, metrics: metrics, logger: logger)
        self.judge = AuthzJudge(
            InboundAuthenticator(loaded.settings),
            metrics: metrics,
            logger: logger,
            clock: { WallClock.nanoseconds() / 1_000_000 },
            record: { event in audit?.keeps(event) ?? true }
        )
        let judge = self.judge
        let holder = TLSContextHolder(loaded.tls?.context)
        self.tls = holder
        self.service = try ListenFault.naming("authz.listen") {
            try AuthzService(
                listen: try SocketAddress(loaded.section.listen),
                tls: loaded.tls.map { _ in Self.presenting(holder, logger) },
                threads: room.shares.threads,
                room: room.room(of: "http"),
                judge: judge
            )
        }
        self.envoy = try ListenFault.naming("authz.grpc_listen") {
            try loaded.section.grpcListen.map { listen in
                try EnvoyService(listen: try SocketAddress(listen), room: room.room(of: "grpc"), judge: judge)
            }
        }
        self.admin = try ListenFault.naming("admin.listen") {
            try AdminServer(
                listen: try SocketAddress(loaded.configuration.admin.listen),
                health: health,
                metrics: registry,
                settings: room.adminSettings
            )
        }
    }

    private func serve() {
        adopt(loaded)
        followKeys()
        health.markStarted()
        logger.info(
            "authz is serving",
            metadata: [
                "listen": .string(service.address.description),
                "grpc": .string(envoy?.address.description ?? ""),
                "admin": .string(admin.address.description),
                "mode": .string(loaded.settings.mode.rawValue),
                "rules": .stringConvertible(loaded.settings.mapping?.rules.count ?? 0),
                "version": .string(CountersignVersion.current),
            ]
        )
        while true {
            switch events.next() {
            case .reload: reload(isForced: true)
            case .filesChanged: reload(isForced: false)
            case .reopenLogs: audit?.reopen()
            case .namesChanged: break
            case .stop:
                health.markDraining()
                service.stop(within: .seconds(10))
                envoy?.stop(within: .seconds(10))
                tokenKeys.stop()
                // After the last answer, whose event it is to have.
                audit?.stop(within: loaded.configuration.audit?.drainTimeout ?? .zero)
                admin.stop()
                logger.info("authz has stopped")
                return
            }
        }
    }

    /// Takes up the file anew; with anything wrong in it, the old configuration stays as a whole.
    private func reload(isForced: Bool) {
        do {
            let next = try LoadedAuthz.load(path: path, environment: environment, now: Int64(time(nil)))
            guard noteAttempt(next.sources) || isForced else { return }
            let kept = loaded.keysThatNeedRestart(against: next)
            judge.replace(InboundAuthenticator(next.settings))
            if loaded.section.tls.isEnabled, let context = next.tls?.context { tls.replace(context) }
            levels.level = Logger.Level(next.configuration.log.level)
            if let kafka = next.audit?.kafka { audit?.replace(kafka.settings) }
            audit?.reopen()
            loaded = next
            health.set("configuration", .ok)
            logger.info("configuration reloaded", metadata: ["file": .string(path)])
            adopt(next)
            followKeys()
            if !kept.isEmpty {
                logger.warning(
                    "changes that need a restart are not taken up",
                    metadata: ["changed": .string(kept.joined(separator: ", "))]
                )
            }
        } catch {
            if let refusal = error as? ConfigurationRefusal, !refusal.sources.files.isEmpty {
                watch(loaded.sources.files + refusal.sources.files)
                guard noteAttempt(refusal.sources) || isForced else { return }
            }
            health.set(
                "configuration",
                .degraded(reason: "the file was refused, the previous one is in force: \(error)")
            )
            logger.error("configuration refused", metadata: ["file": .string(path), "reason": .string("\(error)")])
        }
    }

    /// Keeps in mind what an attempt read, and answers whether it differs from the attempt before.
    private func noteAttempt(_ sources: ConfigurationSources) -> Bool {
        defer { lastAttempt = sources }
        return sources != lastAttempt
    }

    /// Tells what the operator should know of a configuration, and watches its files.
    private func adopt(_ loaded: LoadedAuthz) {
        watch(loaded.sources.files)
        for warning in loaded.warnings {
            logger.warning("configuration warning", metadata: ["problem": .string(warning.description)])
        }
        health.set(
            "enforcement",
            loaded.settings.isEnforcing
                ? .ok : .degraded(reason: "mutual TLS is not enforced (mtls_enforce, MTLS_ENFORCE)")
        )
        if !loaded.settings.isEnforcing {
            logger.error("MUTUAL TLS IS NOT ENFORCED: requests without a good certificate are let through")
        }
    }

    private static func presenting(_ holder: TLSContextHolder, _ logger: Logger) -> ServerTLS {
        ServerTLS(holder) { remote, failure in
            logger.info(
                "TLS handshake of a proxy failed",
                metadata: ["from": .string(remote.description), "reason": .string(failure.metricLabel)]
            )
        }
    }

    private func followKeys() {
        do {
            try tokenKeys.follow([loaded.tokenKeys].compactMap(\.self))
        } catch {
            logger.error("the tokens' keys are not followed", metadata: ["reason": .string("\(error)")])
        }
    }

    private func watch(_ files: [String]) {
        for error in watcher.watch(files) {
            logger.warning("a folder cannot be watched", metadata: ["reason": .string("\(error)")])
        }
    }
}

extension LoadedAuthz {
    /// The keys that differ and are read once, at start.
    fileprivate func keysThatNeedRestart(against next: LoadedAuthz) -> [String] {
        var keys: [String] = []
        if section.listen != next.section.listen { keys.append("authz.listen") }
        if section.tls.isEnabled != next.section.tls.isEnabled { keys.append("authz.tls.enabled") }
        if section.grpcListen != next.section.grpcListen { keys.append("authz.grpc_listen") }
        if !AuditSettings.isSame(audit, next.audit) { keys.append("audit") }
        if configuration.admin != next.configuration.admin { keys.append("admin") }
        if configuration.log.format != next.configuration.log.format { keys.append("log.format") }
        return keys
    }
}
