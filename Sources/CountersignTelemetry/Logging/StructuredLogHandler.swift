package import Logging

/// Writes log events as lines of JSON or text.
///
/// Whatever a value holds, an event is one line: control characters are escaped. Metadata whose key names a secret is
/// replaced, and so are values that are private keys or credentials by their form.
package struct StructuredLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let renderer: LogLineRenderer
    private let output: LogOutput
    private let levelSwitch: LogLevelSwitch
    private let clock: @Sendable () -> Int64
    private var ownLevel: Logger.Level?

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - label: The logger's name in the lines.
    ///   - form: The form of a line.
    ///   - output: Where lines go.
    ///   - levelSwitch: The level, as long as the logger is not given one of its own.
    ///   - clock: Nanoseconds since 1970.
    package init(
        label: String,
        form: LogForm,
        output: LogOutput,
        levelSwitch: LogLevelSwitch,
        clock: @escaping @Sendable () -> Int64 = { WallClock.nanoseconds() }
    ) {
        self.label = label
        self.renderer = LogLineRenderer(form: form)
        self.output = output
        self.levelSwitch = levelSwitch
        self.clock = clock
    }

    /// The switch's level, or the one that was set on this logger alone.
    package var logLevel: Logger.Level {
        get { self.ownLevel ?? self.levelSwitch.level }
        set { self.ownLevel = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var merged = self.metadata
        if let provided = self.metadataProvider?.get() {
            merged.merge(provided) { _, new in new }
        }
        if let own = event.metadata {
            merged.merge(own) { _, new in new }
        }
        var line = ByteWriter(capacity: 512)
        self.renderer.append(event, label: self.label, metadata: merged, time: self.clock(), to: &line)
        self.output.write(line)
    }
}
