import CountersignConfiguration
import CountersignTelemetry
import Logging

extension AccessLogWriter {
    /// Opens the access log of a router; `nil` when it has none.
    ///
    /// - Throws: ``ConfigurationRefusal`` when the file cannot be opened.
    static func open(
        _ router: RouterSection,
        _ registry: MetricsRegistry,
        _ logger: Logger
    ) throws -> AccessLogWriter? {
        try open(router.accessLog, at: router.accessLogPlace, registry, logger)
    }

    /// Opens the access log that a section asks for; `nil` when it asks for none.
    ///
    /// - Throws: ``ConfigurationRefusal`` when the file cannot be opened.
    static func open(
        _ section: AccessLogSection,
        at place: ConfigurationPlace,
        _ registry: MetricsRegistry,
        _ logger: Logger
    ) throws -> AccessLogWriter? {
        let destination: AccessLogDestination
        switch section.destination {
        case .off: return nil
        case .standardOutput: destination = .descriptor(1)
        case .file(let path): destination = .file(path: path)
        }
        var configuration = AccessLogConfiguration()
        configuration.form = section.format == .text ? .text : .json
        configuration.flushInterval = section.flushInterval
        do {
            return try AccessLogWriter(
                configuration: configuration,
                destination: destination,
                metrics: AccessLogMetrics(registry: registry),
                logger: logger
            )
        } catch {
            throw ConfigurationRefusal(
                problems: [ConfigurationProblem(place: place, message: "the access log cannot be opened: \(error)")]
            )
        }
    }
}
