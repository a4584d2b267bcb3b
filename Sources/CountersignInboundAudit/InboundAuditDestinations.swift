public import CountersignAudit

/// Where the audit events of a service go.
public struct InboundAuditDestinations: Sendable {
    /// Kafka, and the folder in which events wait for it.
    public struct Kafka: Sendable {
        /// TLS toward the brokers.
        public typealias TLS = KafkaSettings.TLS
        /// A user of the brokers.
        public typealias User = KafkaSettings.User

        /// The brokers to begin with, `host:port`.
        public var brokers: [String]
        /// The topic.
        public var topic: String
        /// The folder in which events wait; no other process may use it.
        public var spoolPath: String
        /// What the events that wait may take on the disk, in bytes: ``spoolSizes``.
        public var maximumSpoolBytes = 256 * 1_024 * 1_024
        /// TLS toward the brokers; nil for plain text.
        public var tls: TLS?
        /// A user of the brokers; nil for none.
        public var user: User?

        /// What ``maximumSpoolBytes`` may be: 1 MiB to 64 GiB.
        public static let spoolSizes = 1_024 * 1_024...64 * 1_024 * 1_024 * 1_024

        /// Plain text and no user, to be set beside.
        ///
        /// - Parameters:
        ///   - brokers: the brokers to begin with, `host:port`.
        ///   - topic: the topic.
        ///   - spoolPath: the folder in which events wait.
        public init(brokers: [String], topic: String, spoolPath: String) {
            self.brokers = brokers
            self.topic = topic
            self.spoolPath = spoolPath
        }

        /// What is wrong with the settings; nil when they can be used.
        var fault: InboundAuditError? {
            let range = Self.spoolSizes
            guard range.contains(maximumSpoolBytes) else {
                return InboundAuditError(
                    "maximumSpoolBytes is \(maximumSpoolBytes); it may be \(range.lowerBound) to \(range.upperBound)"
                )
            }
            if let tls, (tls.certificate == nil) != (tls.key == nil) {
                let (there, missing) = tls.key == nil ? ("certificate", "key") : ("key", "certificate")
                return InboundAuditError("tls has a \(there) for the brokers and no \(missing); give both, or neither")
            }
            if let user, !Self.mechanisms.contains(user.mechanism) {
                return InboundAuditError("user.mechanism may be \(Self.mechanisms.joined(separator: ", "))")
            }
            return nil
        }

        private static let mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]

        var settings: KafkaSettings {
            KafkaSettings(brokers: brokers, topic: topic, tls: tls, user: user)
        }
    }

    /// The file that events are appended to, one JSON object a line; nil for none.
    public var filePath: String?
    /// Whether the file's group may read it: mode 0640, and 0600 when not.
    public var isFileGroupReadable = true
    /// Kafka; nil for none.
    public var kafka: Kafka?
    /// Whether a request is refused whose event cannot be kept.
    public var refusesUnkept = false
    /// How often what was written is brought to the disk: ``syncIntervals``.
    public var syncInterval = Duration.seconds(1)

    /// What ``syncInterval`` may be: 10 milliseconds to a minute.
    public static let syncIntervals = Duration.milliseconds(10)...Duration.seconds(60)

    /// A file alone, or nothing yet.
    ///
    /// - Parameter filePath: the file that events are appended to.
    public init(filePath: String? = nil) {
        self.filePath = filePath
    }

    var settings: AuditSettings {
        var settings = AuditSettings()
        settings.file = filePath.map { AuditSettings.File(path: $0, isGroupReadable: isFileGroupReadable) }
        settings.refusesUnkept = refusesUnkept
        settings.syncInterval = syncInterval
        settings.kafka = kafka.map {
            ($0.settings, .init(folder: $0.spoolPath, maximumBytes: $0.maximumSpoolBytes))
        }
        return settings
    }

    /// What is wrong with the settings; nil when they can be used.
    var fault: InboundAuditError? {
        guard filePath != nil || kafka != nil else {
            return InboundAuditError("audit events go nowhere; name a file, Kafka, or both")
        }
        guard Self.syncIntervals.contains(syncInterval) else {
            let range = Self.syncIntervals
            return InboundAuditError(
                "syncInterval is \(syncInterval); it may be \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return kafka?.fault
    }
}

extension InboundAuditDestinations.Kafka: CustomStringConvertible, CustomReflectable {
    /// Brokers and topic; neither key nor password.
    public var description: String { settings.description }

    /// Nothing, so that neither key nor password is shown.
    public var customMirror: Mirror { settings.customMirror }
}
