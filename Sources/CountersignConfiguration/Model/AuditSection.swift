/// Where audit events go: the section `audit`.
package struct AuditSection: Sendable {
    /// The file that events are appended to.
    package struct File: Hashable, Sendable {
        /// Who may read the file.
        package enum Mode: String, CaseIterable, Hashable, Sendable {
            /// Its owner.
            case owner = "0600"
            /// Its owner and its group.
            case group = "0640"
        }

        /// The path.
        package var path: String

        /// Who may read the file.
        package var mode = Mode.group

        /// A file with the default mode.
        package init(path: String) {
            self.path = path
        }
    }

    /// The folder in which events wait for Kafka.
    package struct Spool: Hashable, Sendable {
        /// The folder.
        package var path: String

        /// What the events that wait may take on the disk.
        package var maximumBytes = 268_435_456

        /// A folder with the default bound.
        package init(path: String) {
            self.path = path
        }
    }

    /// What becomes of a request whose event no sink can keep.
    package enum WhenFull: String, CaseIterable, Hashable, Sendable {
        /// The event is dropped, and the request goes on.
        case dropNewest = "drop_newest"
        /// The request is refused with 503.
        case refuseRequests = "refuse_requests"
    }

    /// The file; nil for none.
    package var file: File?

    /// Kafka; nil for none.
    package var kafka: KafkaSection?

    /// Where events wait for Kafka; there whenever ``kafka`` is.
    package var spool: Spool?

    /// What becomes of a request whose event no sink can keep.
    package var whenFull = WhenFull.dropNewest

    /// How often what was written is brought to the disk.
    package var syncInterval = Duration.seconds(1)

    /// How long the end of the process may wait for Kafka to take what is left.
    package var drainTimeout = Duration.seconds(5)

    /// Where the section stands in the file.
    package var place = ConfigurationPlace.wholeFile("")

    /// The section's defaults, without a sink.
    package init() {}
}

extension AuditSection {
    /// Reads the section.
    ///
    /// ## Configuration keys
    /// - `file` (mapping: `path`, required; `mode`, `"0640"` or `"0600"`, default `"0640"`)
    /// - `kafka` (mapping, see ``KafkaSection``); one of the two at least
    /// - `spool` (mapping: `path`, required; `max_bytes`, 1 MiB...64 GiB, default 256 MiB), required with `kafka`
    /// - `on_full` (`drop_newest` or `refuse_requests`, default `drop_newest`)
    /// - `sync_interval` (10ms...60s, default 1s)
    /// - `drain_timeout` (0s...5m, default 5s)
    static func read(_ value: ValueReader) -> AuditSection? {
        value.mapping("the keys of \"audit\"") { reader in
            var section = AuditSection()
            section.place = reader.place
            let (file, kafka, spool) = (reader.value("file"), reader.value("kafka"), reader.value("spool"))
            section.file = file.flatMap(readFile)
            section.kafka = kafka.flatMap(KafkaSection.read)
            section.spool = spool.flatMap(readSpool)
            if file == nil, kafka == nil {
                value.fail("neither file nor kafka says where events go; leave the section out to keep none")
            }
            if kafka != nil, spool == nil { reader.reportMissing("spool", "the folder in which events wait for Kafka") }
            if kafka == nil, let spool { spool.fail("events wait for Kafka alone; there is no kafka to wait for") }
            section.whenFull = reader.choice("on_full", default: section.whenFull)
            section.syncInterval = reader.duration(
                "sync_interval",
                default: section.syncInterval,
                in: .milliseconds(10) ... .seconds(60)
            )
            section.drainTimeout = reader.duration(
                "drain_timeout",
                default: section.drainTimeout,
                in: .zero ... .seconds(300)
            )
            return section
        }
    }

    private static func readFile(_ value: ValueReader) -> File? {
        value.mapping("the keys of \"file\"") { reader in
            let path = reader.required("path", "the file that events are appended to")?.path()
            let mode = reader.choice("mode", default: File.Mode.group)
            guard let path else { return nil }
            var file = File(path: path)
            file.mode = mode
            return file
        }
    }

    private static func readSpool(_ value: ValueReader) -> Spool? {
        value.mapping("the keys of \"spool\"") { reader in
            let path = reader.required("path", "a folder of this process alone")?.path()
            let bytes = reader.integer("max_bytes", default: 268_435_456, in: 1_048_576...68_719_476_736)
            guard let path else { return nil }
            var spool = Spool(path: path)
            spool.maximumBytes = bytes
            return spool
        }
    }
}
