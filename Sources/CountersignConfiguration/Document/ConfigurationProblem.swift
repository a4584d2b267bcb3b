/// One thing that is wrong, or looks dangerous, in a configuration file.
///
/// Secrets never appear in it: messages about keys that hold secrets say what is wrong without the value.
package struct ConfigurationProblem: Error, Equatable, Hashable, Sendable {
    /// Whether the configuration is refused because of this problem.
    package enum Severity: String, Hashable, Sendable {
        /// The configuration is refused.
        case error

        /// The configuration is used; the operator should know.
        case warning
    }

    /// Whether the configuration is refused because of this problem.
    package var severity: Severity

    /// The place that the problem is about.
    package var place: ConfigurationPlace

    /// What is wrong and what would be right.
    package var message: String

    /// The nearest name that would have been right, when a name is wrong and one is near.
    package var suggestion: String?

    /// Makes a problem from its parts.
    package init(
        severity: Severity = .error,
        place: ConfigurationPlace,
        message: String,
        suggestion: String? = nil
    ) {
        self.severity = severity
        self.place = place
        self.message = message
        self.suggestion = suggestion
    }

    /// The configuration file as it was named by the caller.
    package var file: String { place.file }

    /// The line, counted from 1; 0 when the problem is about the file as a whole.
    package var line: Int { place.line }

    /// The column, counted from 1; 0 when the problem is about the file as a whole.
    package var column: Int { place.column }

    /// The keys from the root to the value; empty for the root.
    package var path: String { place.path }
}

extension ConfigurationProblem: CustomStringConvertible {
    /// The problem on one line: `file:line:column: path: message (did you mean "x"?)`.
    package var description: String {
        var text = "\(place): "
        if severity == .warning {
            text += "warning: "
        }
        if !path.isEmpty {
            text += "\(path): "
        }
        text += message
        if let suggestion {
            text += " (did you mean \"\(suggestion)\"?)"
        }
        return text
    }
}

extension ConfigurationProblem: Comparable {
    package static func < (left: ConfigurationProblem, right: ConfigurationProblem) -> Bool {
        left.place != right.place ? left.place < right.place : left.message < right.message
    }
}
