import CountersignPolicy
import CountersignRouting

/// Reads the options of a route and makes the policy that they state.
struct RouteOptionsReader {
    let value: ValueReader
    let maximumSize: Int

    /// Returns the options and their policy; every problem is reported at the option that it is about.
    func read() -> (options: RouteOptions, policy: RoutePolicy)? {
        guard let entries = value.entries(of: "options such as \"mtls_allowed_apps\"") else { return nil }
        var elements: [RouteOptions.Element] = []
        for entry in entries where isKnown(entry.key, at: entry.keyPlace) {
            if let option = option(entry.key, entry.value) {
                elements.append(RouteOptions.Element(entry.key, option))
            }
        }
        // Keys of a mapping are distinct and numbers are finite, so this does not throw for what was read above.
        guard let options = try? RouteOptions(elements) else { return nil }
        do {
            try options.checkSize(limit: maximumSize)
        } catch {
            value.fail(error.message)
        }
        let (policy, problems) = RouteOptionRules.policy(of: options)
        for problem in problems {
            (entries.first { $0.key == problem.option }?.value ?? value).fail(problem.message)
        }
        return (options, policy)
    }

    private func isKnown(_ key: String, at place: ConfigurationPlace) -> Bool {
        if Self.names.contains(key) { return true }
        value.context.diagnostics.error(
            "unknown route option",
            at: place,
            suggestion: KeySuggestion.nearest(to: key, among: Self.names)
        )
        return false
    }

    private func option(_ key: String, _ value: ValueReader) -> RouteOptionValue? {
        guard let scalar = value.scalar(expected: "a text, a number or a boolean") else { return nil }
        // A value of the environment has no type of its own; the boolean options take nothing else.
        if scalar.isFromEnvironment, key == "mtls_allow_any" || RouteTraffic.booleanOptionNames.contains(key) {
            return value.boolean().map(RouteOptionValue.boolean)
        }
        switch scalar.kind {
        case .string: return .string(scalar.text)
        case .boolean: return .boolean(scalar.text.lowercased() == "true")
        case .integer: return Int(scalar.text).map(RouteOptionValue.integer) ?? outOfRange(value)
        case .decimal: return Double(scalar.text).map(RouteOptionValue.number) ?? outOfRange(value)
        case .null:
            value.fail("expected a text, a number or a boolean, found nothing")
            return nil
        }
    }

    private func outOfRange(_ value: ValueReader) -> RouteOptionValue? {
        value.fail("the number is out of range")
        return nil
    }

    private static let names = RouteOptionRules.names
}
