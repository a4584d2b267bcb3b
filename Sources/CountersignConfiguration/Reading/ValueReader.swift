import CountersignIdentity

/// Reads one value of a configuration file and reports what is wrong with it.
///
/// Every method returns nil when the value is not what was asked for; it has been reported then.
struct ValueReader {
    /// The value as the file has it.
    let node: ConfigurationNode

    /// Where the value is.
    let place: ConfigurationPlace

    /// What the reading needs besides.
    let context: ReadingContext

    /// Whether the text comes from an environment variable that overrides the file.
    var isOverride = false

    /// A scalar after substitution.
    struct ScalarText {
        var text: String
        var kind: ConfigurationNode.Scalar.Kind
        /// Whether a part of the text comes from the environment, so that its kind says nothing about its type.
        var isFromEnvironment: Bool
    }

    /// Reports a problem at this value.
    func fail(_ message: String, suggestion: String? = nil) {
        context.diagnostics.error(message, at: place, suggestion: suggestion)
    }

    /// Reports something that the operator should know about this value.
    func warn(_ message: String) {
        context.diagnostics.warning(message, at: place)
    }

    /// Returns the scalar with variables substituted; `expected` completes "expected …" when it is none.
    func scalar(expected: String) -> ScalarText? {
        guard case .scalar(let scalar) = node.content else {
            if case .refused = node.content { return nil }
            fail("expected \(expected), found \(node.kindInWords)")
            return nil
        }
        if isOverride {
            return ScalarText(text: scalar.text, kind: .string, isFromEnvironment: true)
        }
        let substitution = VariableSubstitution(of: scalar.text, variable: context.variable)
        if let problem = substitution.problem {
            fail(problem)
            return nil
        }
        return ScalarText(
            text: substitution.text,
            kind: substitution.isSubstituted ? .string : scalar.kind,
            isFromEnvironment: substitution.isSubstituted
        )
    }

    /// Returns a text; one that is empty only where `mayBeEmpty` says so.
    func text(_ expected: String = "a text", mayBeEmpty: Bool = false) -> String? {
        guard let scalar = scalar(expected: expected) else { return nil }
        guard scalar.kind == .string else {
            let advice = scalar.kind == .null ? "" : "; put it in quotes"
            fail("expected \(expected), found \(scalar.kind.inWords)\(advice)")
            return nil
        }
        guard mayBeEmpty || !scalar.text.isEmpty else {
            fail("expected \(expected), found an empty text")
            return nil
        }
        return scalar.text
    }

    /// Returns a whole number within `range`.
    func integer(in range: ClosedRange<Int>) -> Int? {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        guard let scalar = scalar(expected: expected) else { return nil }
        guard scalar.kind == .integer || scalar.isFromEnvironment else {
            fail("expected \(expected), found \(Self.words(for: scalar, Int(scalar.text) != nil))")
            return nil
        }
        guard let number = Int(scalar.text), range.contains(number) else {
            fail("expected \(expected), found \(IdentityError.excerpt(of: scalar.text))")
            return nil
        }
        return number
    }

    /// Returns a number between `range.lowerBound` and `range.upperBound`.
    func decimal(in range: ClosedRange<Double>) -> Double? {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        guard let scalar = scalar(expected: expected) else { return nil }
        guard scalar.kind == .decimal || scalar.kind == .integer || scalar.isFromEnvironment else {
            fail("expected \(expected), found \(scalar.kind.inWords)")
            return nil
        }
        guard let number = Double(scalar.text), range.contains(number) else {
            fail("expected \(expected), found \(IdentityError.excerpt(of: scalar.text))")
            return nil
        }
        return number
    }

    /// Returns a boolean.
    func boolean() -> Bool? {
        guard let scalar = scalar(expected: "true or false") else { return nil }
        if scalar.kind == .boolean || scalar.isFromEnvironment {
            switch scalar.text.lowercased() {
            case "true": return true
            case "false": return false
            default: break
            }
        }
        let isQuoted = scalar.text == "true" || scalar.text == "false"
        fail("expected true or false, found \(Self.words(for: scalar, isQuoted))")
        return nil
    }

    /// Returns a duration within `range`.
    func duration(in range: ClosedRange<Duration>) -> Duration? {
        let limits = "from \(DurationText.format(range.lowerBound)) to \(DurationText.format(range.upperBound))"
        let expected = "a duration such as 250ms, 10s, 5m, 1h or 90d, \(limits)"
        guard let scalar = scalar(expected: expected) else { return nil }
        guard scalar.kind == .string else {
            let advice = scalar.kind == .integer ? " without a unit" : ""
            fail("expected \(expected), found \(scalar.kind.inWords)\(advice)")
            return nil
        }
        guard let duration = DurationText.parse(scalar.text), range.contains(duration) else {
            fail("expected \(expected), found \(IdentityError.excerpt(of: scalar.text))")
            return nil
        }
        return duration
    }

    private static func words(for scalar: ScalarText, _ isQuoted: Bool) -> String {
        scalar.kind.inWords + (isQuoted && scalar.kind == .string ? "; write it without quotes" : "")
    }

    /// Returns one of the names of `Choice`.
    func choice<Choice>(_ type: Choice.Type = Choice.self) -> Choice?
    where Choice: CaseIterable & RawRepresentable, Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue)
        let expected = names.count == 1 ? names[0] : "one of \(names.joined(separator: ", "))"
        guard let text = text(expected) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let suggestion = KeySuggestion.nearest(to: text, among: names)
            fail("expected \(expected), found \(IdentityError.excerpt(of: text))", suggestion: suggestion)
            return nil
        }
        return choice
    }
}
