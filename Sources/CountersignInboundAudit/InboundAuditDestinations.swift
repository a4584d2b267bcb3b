import CountersignAudit

/// Where the audit events of a service go.
public struct InboundAuditDestinations: Sendable {
    /// Kafka, and the folder in which events wait for it.
    public struct Kafka: Sendable {
        /// TLS toward the brokers.
        public struct TLS: Sendable, Hashable {
            /// The authorities of the brokers' certificates in PEM.
            public var authorities: String
            /// The certificate that is shown to brokers, with those above it, in PEM; nil for none.
            public var certificate: String?
            /// The private key of that certificate in PEM.
            public var key: String?

            /// Takes the parts.
            ///
            /// - Parameters:
            ///   - authorities: the authorities of the brokers' certificates in PEM.
            ///   - certificate: the certificate that is shown to brokers, with those above it, in PEM; nil for none.
            ///   - key: its private key in PEM.
            public init(authorities: String, certificate: String? = nil, key: String? = nil) {
                self.authorities = authorities
                self.certificate = certificate
                self.key = key
            }
        }

        /// A user of the brokers.
        public struct User: Sendable, Hashable {
            /// `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.
            public var mechanism: String
            /// The name.
            public var name: String
            /// The password.
            public var password: String

            /// Takes the parts.
            ///
            /// - Parameters:
            ///   - mechanism: `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`.
            ///   - name: the name.
            ///   - password: the password.
            public init(mechanism: String, name: String, password: String) {
                self.mechanism = mechanism
                self.name = name
                self.password = password
            }
        }

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

        /// What ``maximumSpoolBytes`` may be: 1 MiB to 1 TiB.
        public static let spoolSizes = 1_024 * 1_024...1_024 * 1_024 * 1_024 * 1_024

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

        var settings: KafkaSettings {
            KafkaSettings(
                brokers: brokers,
                topic: topic,
                tls: tls.map { .init(authorities: $0.authorities, certificate: $0.certificate, key: $0.key) },
                user: user.map { .init(mechanism: $0.mechanism, name: $0.name, password: $0.password) }
            )
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
        guard let size = kafka?.maximumSpoolBytes, !Kafka.spoolSizes.contains(size) else { return nil }
        let range = Kafka.spoolSizes
        return InboundAuditError("maximumSpoolBytes is \(size); it may be \(range.lowerBound) to \(range.upperBound)")
    }
}

extension InboundAuditDestinations.Kafka: CustomStringConvertible, CustomReflectable {
    /// Brokers and topic; neither key nor password.
    public var description: String { "\(topic) at \(brokers.joined(separator: ", "))" }

    /// Nothing, so that neither key nor password is shown.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension InboundAuditDestinations.Kafka.TLS: CustomStringConvertible, CustomReflectable {
    /// Nothing of the key.
    public var description: String { "<tls>" }

    /// Nothing of the key.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension InboundAuditDestinations.Kafka.User: CustomStringConvertible, CustomReflectable {
    /// The name alone.
    public var description: String { name }

    /// Nothing of the password.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
