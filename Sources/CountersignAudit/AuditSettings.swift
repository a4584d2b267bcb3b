/// Where audit events go.
package struct AuditSettings: Sendable {
    /// A file that events are appended to.
    package struct File: Sendable, Hashable {
        /// The path.
        package var path: String
        /// Whether the file's group may read it: mode 0640, and 0600 when not.
        package var isGroupReadable: Bool

        /// Takes the parts.
        package init(path: String, isGroupReadable: Bool = true) {
            self.path = path
            self.isGroupReadable = isGroupReadable
        }
    }

    /// The folder in which events wait for Kafka.
    package struct Spool: Sendable, Hashable {
        /// The folder.
        package var folder: String
        /// What the events that wait may take on the disk.
        package var maximumBytes: Int

        /// Takes the parts.
        package init(folder: String, maximumBytes: Int = 256 * 1024 * 1024) {
            self.folder = folder
            self.maximumBytes = maximumBytes
        }
    }

    /// The file; nil for none.
    package var file: File?
    /// Kafka, with the spool before it; nil for none.
    package var kafka: (settings: KafkaSettings, spool: Spool)?
    /// Whether a request is refused whose event cannot be kept.
    package var refusesUnkept = false
    /// How often what was written is brought to the disk.
    package var syncInterval = Duration.seconds(1)

    /// Nowhere.
    package init() {}

    /// Whether two settings are the same but for how Kafka is reached, which alone can change in a running process.
    package static func isSame(_ first: AuditSettings?, _ second: AuditSettings?) -> Bool {
        guard let first, let second else { return first == nil && second == nil }
        return first.file == second.file && first.kafka?.spool == second.kafka?.spool
            && first.refusesUnkept == second.refusesUnkept && first.syncInterval == second.syncInterval
    }
}
