import Glibc
package import Logging

/// How a process logs, with the switch that changes its level later.
package struct LoggingSetup: Sendable {
    /// The form of a line.
    package let form: LogForm
    /// The level of every logger made here.
    package let levelSwitch: LogLevelSwitch
    /// Where lines go.
    package let output: LogOutput

    /// Creates a setup.
    ///
    /// - Parameters:
    ///   - form: The form of a line.
    ///   - level: The level to begin with.
    ///   - output: Where lines go; standard error by default.
    package init(form: LogForm = .json, level: Logger.Level = .info, output: LogOutput = LogOutput()) {
        self.form = form
        self.levelSwitch = LogLevelSwitch(level)
        self.output = output
    }

    /// Makes a logger that follows the switch.
    package func makeLogger(label: String) -> Logger {
        Logger(label: label) { self.makeHandler(label: $0) }
    }

    /// Makes loggers that libraries create by themselves come from here as well, and ignores SIGPIPE, which would
    /// otherwise end the process when nobody reads its log.
    ///
    /// - Precondition: called once in a process.
    package func bootstrap() {
        _ = signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { self.makeHandler(label: $0) }
    }

    private func makeHandler(label: String) -> StructuredLogHandler {
        StructuredLogHandler(label: label, form: self.form, output: self.output, levelSwitch: self.levelSwitch)
    }
}
