import CountersignAudit

/// Where the audit events of a service go.
public struct InboundAuditDestinations: Sendable {
    /// Kafka, and the folder in which events wait for it.
    public struct Kafka: Sendable {
        /// The brokers to begin with, `host:port`.
        public var brokers: [String]
        /// The topic.
        public var topic: String
        /// The folder in which events wait; no other process may use it.
        public var spoolPath: String
        /// What the events that wait may take on the disk, in bytes.
        public var maximumSpoolBytes = 256 * 1_024 * 1_024
        /// TLS toward the brokers: their authorities, and the own certificate and key, each in PEM; nil for plain text.
        public var tls: (authorities: String, certificate: String?, key: String?)?
        /// A user of the brokers: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`, name and password; nil for none.
        public var user: (mechanism: String, name: String, password: String)?

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
    }

    /// The file that events are appended to, one JSON object a line; nil for none.
    public var filePath: String?
    /// Whether the file's group may read it: mode 0640, and 0600 when not.
    public var isFileGroupReadable = true
    /// Kafka; nil for none.
    public var kafka: Kafka?
    /// Whether a request is refused whose event cannot be kept.
    public var refusesUnkept = false
    /// How often what was written is brought to the disk.
    public var syncInterval = Duration.seconds(1)

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
        settings.kafka = kafka.map { kafka in
            let reached = KafkaSettings(
                brokers: kafka.brokers,
                topic: kafka.topic,
                tls: kafka.tls.map { .init(authorities: $0.authorities, certificate: $0.certificate, key: $0.key) },
                user: kafka.user.map { .init(mechanism: $0.mechanism, name: $0.name, password: $0.password) }
            )
            return (reached, .init(folder: kafka.spoolPath, maximumBytes: kafka.maximumSpoolBytes))
        }
        return settings
    }
}

extension InboundAuditDestinations.Kafka: CustomStringConvertible, CustomReflectable {
    /// Brokers and topic; neither key nor password.
    public var description: String { "\(topic) at \(brokers.joined(separator: ", "))" }

    /// Nothing, so that neither key nor password is shown.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
