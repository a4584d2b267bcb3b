/// Collects the problems of one configuration file while it is read.
///
/// One collector is passed through the whole reading, so that every problem is reported at once.
package final class ConfigurationDiagnostics {
    /// The configuration file as it was named by the caller.
    package let file: String

    private var problems: [ConfigurationProblem] = []
    private var suppressed = 0

    /// Makes an empty collector for `file`.
    package init(file: String) {
        self.file = file
    }

    /// Whether anything was reported that refuses the configuration.
    package private(set) var hasErrors = false

    /// Whether further problems are only counted, so that nobody needs to work out suggestions for them.
    var isFull: Bool { problems.count >= Self.maximumProblems }

    /// The problems that refuse the configuration, in the order of their places.
    package var errors: [ConfigurationProblem] { sorted(.error) }

    /// The problems that do not refuse the configuration, in the order of their places.
    package var warnings: [ConfigurationProblem] { sorted(.warning) }

    /// Reports a problem that refuses the configuration.
    package func error(_ message: String, at place: ConfigurationPlace, suggestion: String? = nil) {
        report(.error, message, place, suggestion)
    }

    /// Reports something that the operator should know, and that does not refuse the configuration.
    package func warning(_ message: String, at place: ConfigurationPlace) {
        report(.warning, message, place, nil)
    }

    /// Adds a problem that was made elsewhere.
    package func add(_ problem: ConfigurationProblem) {
        // A hostile file could hold a problem in every byte; a reader needs the first thousand at most.
        guard problems.count < Self.maximumProblems else {
            suppressed += problem.severity == .error ? 1 : 0
            hasErrors = hasErrors || problem.severity == .error
            return
        }
        var problem = problem
        problem.place.file = file
        problems.append(problem)
        hasErrors = hasErrors || problem.severity == .error
    }

    private func report(
        _ severity: ConfigurationProblem.Severity,
        _ message: String,
        _ place: ConfigurationPlace,
        _ suggestion: String?
    ) {
        add(
            ConfigurationProblem(
                severity: severity,
                place: place,
                message: message,
                suggestion: suggestion
            )
        )
    }

    private func sorted(_ severity: ConfigurationProblem.Severity) -> [ConfigurationProblem] {
        var seen: Set<ConfigurationProblem> = []
        var result = problems.filter { $0.severity == severity && seen.insert($0).inserted }.sorted()
        if severity == .error, suppressed > 0 {
            result.append(
                ConfigurationProblem(
                    place: .wholeFile(file),
                    message: "\(suppressed) more problems are not listed; mend the ones above first"
                )
            )
        }
        return result
    }

    private static let maximumProblems = 1000
}
