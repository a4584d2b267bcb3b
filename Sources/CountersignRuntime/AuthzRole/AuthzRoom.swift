import CountersignAudit
import CountersignAuthz
import CountersignConfiguration
import CountersignHTTPServer
import CountersignTransport
import Glibc
import Logging

/// How many connections the listeners of forward-auth may have, by the descriptors that there are.
struct AuthzRoom {
    /// What each listener may have.
    let shares: AuthzShares
    private let displacement = DisplacementGroup()
    private let metrics: AuthzMetrics
    private let logger: Logger

    /// Raises the process's limit of descriptors, and warns where it stays too low.
    ///
    /// - Parameters:
    ///   - loaded: the configuration.
    ///   - metrics: counts connections for which there is no room.
    ///   - logger: takes the warnings.
    init(_ loaded: LoadedAuthz, metrics: AuthzMetrics, logger: Logger) {
        self.metrics = metrics
        self.logger = logger
        let spool = (loaded.audit?.kafka?.spool.maximumBytes ?? 0) / Self.bytesPerDescriptor
        let (limit, own) = (DescriptorLimit.raise(), Self.ownDescriptors + Int(clamping: spool))
        let processors = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        let hasGRPC = loaded.section.grpcListen != nil
        self.shares = AuthzShares(descriptors: limit - own, processors: processors, hasGRPC: hasGRPC)
        guard !shares.isWhole(for: processors) else { return }
        logger.warning(
            "fewer file descriptors than connections and the audit spool may need",
            metadata: [
                "limit": .stringConvertible(limit), "needed": .stringConvertible(own + shares.wanted),
                "connections": .stringConvertible(shares.connections * (shares.threads + (hasGRPC ? 1 : 0))),
            ]
        )
    }

    /// The bounds of the admin listener.
    var adminSettings: HTTPServerSettings {
        var settings = HTTPServerSettings()
        settings.maximumConnections = shares.adminConnections
        return settings
    }

    /// The room of a listener.
    ///
    /// - Parameter listener: `http` or `grpc`.
    func room(of listener: String) -> ConnectionRoom {
        let turn = LogTurn()
        let maximum = shares.connections
        return ConnectionRoom(maximum: maximum, displacement: displacement) { [metrics, logger] in
            metrics.countRefusedConnection(of: listener)
            guard turn.take() else { return }
            logger.warning(
                "too many connections, those that have asked for nothing for longest are closed",
                metadata: ["listener": .string(listener), "connections_of_a_thread": .stringConvertible(maximum)]
            )
        }
    }

    /// What is kept for files and brokers.
    private static let ownDescriptors = 256
    /// A file of the spool holds so much when it is full.
    private static let bytesPerDescriptor = 16 * 1024 * 1024
}
