import CountersignAuthority
import CountersignHTTPServer
import CountersignPKI
import CountersignTelemetry
import CountersignTransport
import Logging

/// How many connections each listener of an authority has at once, and who is told when there are too many.
struct ConnectionLimits: Sendable {
    private let maximum: Int
    private let metrics: AuthorityMetrics
    private let logger: Logger

    /// Raises the process's limit of descriptors, and warns where it stays too low for the listeners there are.
    init(_ options: AuthorityServiceOptions, metrics: AuthorityMetrics, logger: Logger) {
        self.maximum = options.maximumConnections
        self.metrics = metrics
        self.logger = logger
        let descriptors = DescriptorLimit.raise()
        let wanted = maximum * options.listeners
        guard descriptors < wanted else { return }
        logger.warning(
            "fewer file descriptors than max_connections may need",
            metadata: ["limit": .stringConvertible(descriptors), "needed": .stringConvertible(wanted)]
        )
    }

    /// The settings of a listener, with a counter of its own that is there from the start.
    ///
    /// - Parameters:
    ///   - listener: its name in the counter and in the log.
    ///   - refused: answers clients on open connections whose certificates are no longer accepted; needed where the listener
    ///     asks for certificates.
    func settings(
        listener: String,
        refused answer: (@Sendable (ChainRejection) -> ServerResponse)? = nil
    ) -> HTTPServerSettings {
        var settings = HTTPServerSettings()
        settings.maximumConnections = maximum
        if let answer { settings.answerToRefusedPeer = answer }
        let refused = metrics.refusedConnections.child(listener)
        let turn = LogTurn()
        settings.onRefusedConnection = { [maximum, logger] in
            refused.add()
            guard turn.take() else { return }
            logger.error(
                "connection limit reached, new connections are closed",
                metadata: ["listener": .string(listener), "max_connections": .stringConvertible(maximum)]
            )
        }
        return settings
    }
}

extension AuthorityServiceOptions {
    /// How many listeners share the process's descriptors.
    fileprivate var listeners: Int {
        1 + (publicListen == nil ? 0 : 1) + (cfssl == nil ? 0 : 1) + (vault == nil ? 0 : 1)
    }
}
