import CountersignAgent
import CountersignConfiguration
import CountersignFiles
import CountersignGRPCServer
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import CountersignWorkload
import Logging

/// The Workload API of an agent: its service, the socket that it is served on, and the keys of tokens that it is told.
final class WorkloadAPI: Sendable {
    let service: WorkloadService
    private let path: String
    private let mode: UInt32
    private let tokens: WorkloadTokenSource
    private let health: HealthState
    private let logger: Logger
    private let overload: WorkloadOverload
    private let stopped: Completion

    /// How long calls that are not streams may take once the agent stops.
    private static let grace = Duration.seconds(2)
    /// The largest request, in bytes: tokens and audiences.
    private static let maximumMessage = 64 * 1024
    /// How long a connection may be without a call, once it has had one; streams are calls.
    private static let idleTime = Duration.seconds(60)
    /// What the agent needs beside callers, and what each of them takes: the connection, the process, and its program.
    private static let ownDescriptors = 128
    private static let descriptorsPerConnection = 3
    /// How often the keys of JWT-SVIDs are fetched: issuers publish them well before they sign.
    private static let keyInterval = Duration.seconds(60)

    /// Makes what is to be served; nil when the section has no socket.
    init?(
        _ section: AgentSection,
        client: HTTPAuthorityClient,
        registry: MetricsRegistry,
        health: HealthState,
        logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        guard let path = section.socketPath else { return nil }
        let (metrics, stopped) = (WorkloadMetrics(registry: registry), Completion())
        self.stopped = stopped
        self.overload = WorkloadOverload(metrics: metrics, health: health, logger: logger, stopped: stopped)
        self.path = path
        self.mode = section.socketMode
        self.health = health
        self.logger = logger
        self.tokens = WorkloadTokenSource(
            issue: { (service, audiences) throws(AuthorityCallError) in
                try client.tokenSVID(service: service, audiences: audiences)
            },
            bundle: { () throws(AuthorityCallError) in try client.spiffeBundle() }
        )
        self.service = WorkloadService(
            rules: section.workloadRules,
            tokens: tokens,
            metrics: metrics,
            logger: logger,
            clock: clock
        )
    }

    deinit {
        stopped.finish()
    }

    /// Takes what the agent has for workloads.
    var publisher: @Sendable (WorkloadHoldings) -> Void {
        { [service] holdings in service.publish(holdings) }
    }

    /// Starts to serve.
    ///
    /// - Returns: what serves until ``stop(_:)``.
    /// - Throws: `SystemError` that names the socket.
    func start() throws -> GRPCServer {
        if let end = path.lastIndex(of: "/"), end > path.startIndex {
            try Folder.make(String(path[..<end]), mode: 0o755)
        }
        let server = try GRPCServer(
            name: "workload-api",
            endpoint: .local(path: path, mode: mode),
            settings: settings(),
            methods: service.methods
        )
        try followKeys()
        health.set("workload_api", .ok)
        logger.info(
            "workload api is serving",
            metadata: ["socket": .string(path), "mode": .string(String(mode, radix: 8))]
        )
        return server
    }

    /// Bounds that leave the agent descriptors for its own work, whatever callers do.
    private func settings() -> GRPCServerSettings {
        var settings = GRPCServerSettings()
        let left = (DescriptorLimit.raise() - Self.ownDescriptors) / Self.descriptorsPerConnection
        settings.maximumConnections = max(16, min(settings.maximumConnections, left))
        settings.maximumConnectionsPerAccount = min(
            settings.maximumConnectionsPerAccount,
            settings.maximumConnections / 4
        )
        settings.maximumMessage = Self.maximumMessage
        settings.idleTime = Self.idleTime
        settings.isStranger = { [service] in service.isStranger($0) }
        settings.onOverload = { [overload] in overload.note($0) }
        return settings
    }

    /// Takes no more calls, ends the streams, lets the others be answered, and removes the socket.
    func stop(_ server: GRPCServer) {
        stopped.finish()
        service.endStreams()
        server.stop(within: Self.grace)
    }

    private func followKeys() throws(SystemError) {
        let (service, tokens, stopped) = (self.service, self.tokens, self.stopped)
        try spawn(name: "workload-keys") {
            var backoff = Backoff(first: .seconds(1), last: .seconds(30))
            var random = SystemRandomNumberGenerator()
            var pause = Duration.zero
            repeat {
                if service.refreshTokenKeys(from: tokens) {
                    backoff.reset()
                    pause = Self.keyInterval
                } else {
                    pause = backoff.next(&random)
                }
            } while !stopped.wait(upTo: pause)
        }
    }
}

extension AgentSection {
    /// The rules of the Workload API.
    var workloadRules: [WorkloadRule] {
        workloads.compactMap(WorkloadRule.init)
    }
}
