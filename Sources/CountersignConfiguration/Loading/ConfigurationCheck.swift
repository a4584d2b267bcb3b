import FoundationEssentials

/// What `countersign config check` prints, and the status that it ends with.
package struct ConfigurationCheck: Sendable {
    /// The form of the report.
    package enum Format: Sendable {
        /// A line for each problem, and a last line that sums up.
        case text

        /// One JSON object.
        case json
    }

    /// What the command prints, with a line break at its end.
    package let output: String

    /// The status of the process: 0 usable, 1 refused, 2 when there is no readable file at the path.
    package let exitCode: Int32

    /// Checks a file.
    ///
    /// - Parameters:
    ///   - path: The configuration file.
    ///   - role: The role that will use it; without one, all sections are checked.
    ///   - format: The form of the report.
    ///   - loader: Reads the file and what it names.
    ///   - verification: A further check of what the named files hold.
    package init(
        path: String,
        role: ConfigurationRole? = nil,
        format: Format,
        loader: ConfigurationLoader,
        verification: ConfigurationLoader.Verification = { _, _ in [] }
    ) {
        let result = loader.load(path: path, role: role, verification: verification)
        exitCode = result.isFileUnreadable ? 2 : result.problems.isEmpty ? 0 : 1
        output =
            switch format {
            case .text: Self.text(path, result)
            case .json: Self.json(path, result)
            }
    }

    private static func text(_ path: String, _ result: LoadResult) -> String {
        let lines = (result.problems + result.warnings).sorted().map(\.description)
        return (lines + [summary(path, result)]).joined(separator: "\n") + "\n"
    }

    private static func summary(_ path: String, _ result: LoadResult) -> String {
        let warnings = result.warnings.isEmpty ? "" : ", \(count(result.warnings.count, "warning"))"
        guard let configuration = result.configuration else {
            return "\(path): refused: \(count(result.problems.count, "problem"))\(warnings)"
        }
        var parts = ConfigurationRole.allCases.filter { $0.isPresent(in: configuration) }.map(\.rawValue)
        if let router = configuration.router {
            parts.append(count(router.domains.count, "mutual TLS domain"))
            parts.append(count(router.routes.count, "route"))
        }
        let content = parts.isEmpty ? "no section of a role" : parts.joined(separator: ", ")
        return "\(path): usable: \(content)\(warnings)"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func json(_ path: String, _ result: LoadResult) -> String {
        let report = Report(
            file: path,
            ok: result.problems.isEmpty,
            problems: (result.problems + result.warnings).sorted().map(Report.Entry.init)
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Encoding strings, numbers and booleans does not fail; the fallback keeps that from being a trap.
        let data = (try? encoder.encode(report)) ?? Data("{}".utf8)
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}

extension ConfigurationCheck {
    private struct Report: Encodable {
        struct Entry: Encodable {
            var severity: String
            var line: Int?
            var column: Int?
            var path: String
            var message: String
            var suggestion: String?

            init(_ problem: ConfigurationProblem) {
                severity = problem.severity.rawValue
                line = problem.line > 0 ? problem.line : nil
                column = problem.line > 0 ? problem.column : nil
                path = problem.path
                message = problem.message
                suggestion = problem.suggestion
            }
        }

        var file: String
        var ok: Bool
        var problems: [Entry]
    }
}
