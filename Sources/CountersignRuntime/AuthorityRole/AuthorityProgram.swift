import CountersignAdmin
import CountersignAuthority
package import CountersignConfiguration
import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignStore
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Runs `countersign authority` from start to end.
package final class AuthorityProgram {
    private let loaded: LoadedAuthority
    private let loader: ConfigurationLoader
    private let path: String
    private let events: ControlEvents
    private let levels: LogLevelSwitch
    private let logger: Logger
    private let health = HealthState()
    private let service: AuthorityService
    private let admin: AdminServer

    /// Runs until SIGTERM or SIGINT; blocks.
    ///
    /// - Throws: ``ConfigurationRefusal`` with every problem of the file, or what kept the process from starting.
    package static func run(path: String, loader: ConfigurationLoader) throws {
        let events = try ControlEvents()
        let loaded = try LoadedAuthority.load(path: path, loader: loader, now: Int64(time(nil)))
        try AuthorityProgram(path: path, loader: loader, events: events, loaded: loaded).serve()
    }

    private init(path: String, loader: ConfigurationLoader, events: ControlEvents, loaded: LoadedAuthority) throws {
        self.path = path
        self.loader = loader
        self.events = events
        self.loaded = loaded
        let log = loaded.configuration.log
        let logging = LoggingSetup(form: log.format == .text ? .text : .json, level: Logger.Level(log.level))
        self.levels = logging.levelSwitch
        self.logger = logging.makeLogger(label: "countersign.authority")
        let registry = MetricsRegistry()
        guard case .sqlite(let database, let create) = loaded.section.store else {
            throw ConfigurationRefusal(problems: [
                ConfigurationProblem(
                    place: loaded.section.place,
                    message: AuthorityMaterial.noPostgreSQL
                )
            ])
        }
        let store = try AuthorityStorage.open(database, create: create, logger: logger)
        var options = try AuthorityServiceOptions(loaded.section)
        options.cfssl = loaded.cfssl
        self.service = try AuthorityService(
            options,
            settings: loaded.settings,
            issuer: loaded.issuer,
            store: store,
            registry: registry,
            health: health,
            logger: logger
        )
        store.watchWriting { [health, availability = service.engine.availability] error in
            availability.set(error)
            health.set("store", error.map { .degraded(reason: "nothing can be recorded or issued: \($0)") } ?? .ok)
        }
        self.admin = try AdminServer(
            listen: try SocketAddress(loaded.configuration.admin.listen),
            health: health,
            metrics: registry,
            routes: service.adminRoutes,
            settings: service.adminSettings,
            apiFault: { AdminSurface.fault($0, $1) ?? AuthorityControl.fault($0, $1) }
        )
        if let file = loaded.configuration.admin.tokenFile {
            try AdministratorToken.ensure(file: file, engine: service.engine, logger: logger)
        }
    }

    private func serve() throws {
        for warning in loaded.warnings {
            logger.warning("configuration", metadata: ["problem": .string(warning.description)])
        }
        health.markStarted()
        logger.info(
            "authority is serving",
            metadata: [
                "listen": .string(service.nativeAddress.description),
                "cfssl": .string(service.cfsslAddress?.description ?? ""),
                "vault": .string(service.vaultAddress?.description ?? ""),
                "public": .string(service.publicAddress?.description ?? ""),
                "admin": .string(admin.address.description),
                "trust_domain": .string(loaded.settings.trustDomain.name),
                "services": .stringConvertible(loaded.settings.services.count),
                "version": .string(CountersignVersion.current),
            ]
        )
        while true {
            switch events.next() {
            case .reload, .filesChanged: reload()
            case .reopenLogs, .namesChanged: break
            case .stop:
                health.markDraining()
                service.stop()
                admin.stop()
                logger.info("authority ended")
                return
            }
        }
    }

    /// Takes up the log level; what else changed in the file is told to need a restart.
    private func reload() {
        do {
            let next = try LoadedAuthority.load(path: path, loader: loader, now: Int64(time(nil)))
            levels.level = Logger.Level(next.configuration.log.level)
            logger.notice("the log level is taken up; other changes of the file need a restart")
        } catch {
            logger.error("configuration refused", metadata: ["file": .string(path), "reason": .string("\(error)")])
        }
    }
}
