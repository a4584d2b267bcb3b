/// What the members and parameters of a call are named on the command line, for messages that name one.
package struct OptionNames: Sendable, ExpressibleByDictionaryLiteral {
    private let names: [String: String]

    /// Takes the option or argument of each member, as `["ttl_seconds": "--ttl"]`.
    package init(dictionaryLiteral elements: (String, String)...) {
        self.names = Dictionary(elements) { first, _ in first }
    }

    /// A refusal of the authority as somebody reads it who knows the options alone.
    ///
    /// What stands in front, such as `$.ttl_seconds:`, `query parameter state:` or `path.serial:`, becomes the option; of a
    /// member without one, its name stays.
    func renamed(_ detail: String) -> String {
        for prefix in Self.places where detail.hasPrefix(prefix) {
            let member = detail.dropFirst(prefix.count).prefix { $0.isLetter || $0 == "_" }
            guard !member.isEmpty, let end = detail[member.endIndex...].firstRange(of: ": ") else { continue }
            return "\(names[String(member)] ?? String(member)): \(detail[end.upperBound...])"
        }
        return detail
    }

    private static let places = ["$.", "query parameter ", "path."]
}
