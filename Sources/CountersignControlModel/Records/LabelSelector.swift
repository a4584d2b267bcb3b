/// Which labels a record has to have: requirements between commas, all of which have to be met.
///
/// `key`, `!key`, `key=value` (or `==`), `key!=value`, `key in (a,b)`, `key notin (a,b)`. What has no such label meets
/// `!=` and `notin`.
package struct LabelSelector: Sendable, Hashable {
    /// What is wrong with the text of a selector.
    package struct Fault: Error, Hashable {
        /// One sentence with the requirement at fault.
        package let message: String
    }

    private enum Requirement: Sendable, Hashable {
        case exists(String)
        case isAbsent(String)
        case isIn(String, Set<String>)
        case isNotIn(String, Set<String>)
    }

    private let requirements: [Requirement]

    /// Reads a selector.
    ///
    /// - Throws: ``Fault`` for a requirement that is none, or whose key or value no label can have.
    package init(parsing text: String) throws(Fault) {
        var requirements: [Requirement] = []
        for part in Self.parts(of: text) { requirements.append(try Self.requirement(part)) }
        self.requirements = requirements
    }

    /// Whether labels meet every requirement.
    package func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .exists(let key): labels[key] != nil
            case .isAbsent(let key): labels[key] == nil
            case .isIn(let key, let values): labels[key].map(values.contains) ?? false
            case .isNotIn(let key, let values): !(labels[key].map(values.contains) ?? false)
            }
        }
    }

    /// Cuts at commas that are in no parentheses.
    private static func parts(of text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if character == "," && depth == 0 {
                parts.append("")
                continue
            }
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            parts[parts.count - 1].append(character)
        }
        return parts.map(trimmed)
    }

    private static func requirement(_ part: String) throws(Fault) -> Requirement {
        if part.hasPrefix("!") { return .isAbsent(try key(part.dropFirst(), part)) }
        if let cut = part.firstIndex(of: "(") { return try membership(part, cut) }
        if let sign = part.firstRange(of: "!=") {
            return .isNotIn(try key(part[..<sign.lowerBound], part), [try value(part[sign.upperBound...], part)])
        }
        if let sign = part.firstRange(of: "==") ?? part.firstRange(of: "=") {
            return .isIn(try key(part[..<sign.lowerBound], part), [try value(part[sign.upperBound...], part)])
        }
        return .exists(try key(part[...], part))
    }

    private static func membership(_ part: String, _ cut: String.Index) throws(Fault) -> Requirement {
        let words = part[..<cut].split(separator: " ")
        guard words.count == 2, part.last == ")", words[1] == "in" || words[1] == "notin" else {
            throw Fault(message: "'\(part.prefix(128))' is neither 'key in (a,b)' nor 'key notin (a,b)'")
        }
        var values: Set<String> = []
        for text in part[part.index(after: cut)...].dropLast().split(separator: ",", omittingEmptySubsequences: false) {
            values.insert(try value(text, part))
        }
        let key = try key(words[0], part)
        return words[1] == "in" ? .isIn(key, values) : .isNotIn(key, values)
    }

    private static func key(_ text: Substring, _ part: String) throws(Fault) -> String {
        let key = trimmed(String(text))
        guard let problem = LabelSyntax.problem(ofKey: key) else { return key }
        throw Fault(message: "the key in '\(part.prefix(128))' \(problem)")
    }

    private static func value(_ text: Substring, _ part: String) throws(Fault) -> String {
        let value = trimmed(String(text))
        guard let problem = LabelSyntax.problem(ofValue: value) else { return value }
        throw Fault(message: "a value in '\(part.prefix(128))' \(problem)")
    }

    private static func trimmed(_ text: String) -> String {
        var text = Substring(text)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
