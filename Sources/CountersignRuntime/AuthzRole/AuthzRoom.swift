import CountersignAudit
import CountersignAuthz
import CountersignConfiguration
import CountersignTransport
import Glibc
import Logging

/// How many connections the listeners of forward-auth may have, by the descriptors that there are.
struct AuthzRoom {
    /// Event loops of the HTTP listener.
    let threads: Int
    private let maximum: Int
    private let metrics: AuthzMetrics
    private let logger: Logger

    /// Raises the process's limit of descriptors, and warns where it stays too low.
    ///
    /// - Parameters:
    ///   - loaded: the configuration.
    ///   - metrics: counts connections for which there is no room.
    ///   - logger: takes the warnings.
    init(_ loaded: LoadedAuthz, metrics: AuthzMetrics, logger: Logger) {
        self.threads = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        self.metrics = metrics
        self.logger = logger
        let spool = (loaded.audit?.kafka?.spool.maximumBytes ?? 0) / Self.bytesPerDescriptor
        let (limit, own) = (DescriptorLimit.raise(), Self.ownDescriptors + Int(clamping: spool))
        let listeners = threads + (loaded.section.grpcListen == nil ? 0 : 1)
        self.maximum = max(Self.fewest, min(Self.most, (limit - own) / listeners))
        guard maximum < Self.most else { return }
        logger.warning(
            "fewer file descriptors than connections and the audit spool may need",
            metadata: [
                "limit": .stringConvertible(limit), "needed": .stringConvertible(own + Self.most * listeners),
                "connections": .stringConvertible(maximum * listeners),
            ]
        )
    }

    /// The room of a listener.
    ///
    /// - Parameter listener: `http` or `grpc`.
    func room(of listener: String) -> ConnectionRoom {
        let turn = LogTurn()
        return ConnectionRoom(maximum: maximum) { [metrics, logger, maximum] in
            metrics.countRefusedConnection(of: listener)
            guard turn.take() else { return }
            logger.warning(
                "too many connections, those that have asked for nothing for longest are closed",
                metadata: ["listener": .string(listener), "connections_of_a_thread": .stringConvertible(maximum)]
            )
        }
    }

    /// The most connections of one thread.
    private static let most = 4_096
    private static let fewest = 64
    /// What is kept for files, brokers and listeners.
    private static let ownDescriptors = 256
    /// A file of the spool holds so much when it is full.
    private static let bytesPerDescriptor = 16 * 1024 * 1024
}
