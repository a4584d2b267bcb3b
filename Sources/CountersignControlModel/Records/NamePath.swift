/// Names from the outermost on, which stand for a GUID: `org:ORG`, `space:ORG/SPACE`, `app:ORG/SPACE/APP`.
///
/// It begins otherwise than the source of a policy (`cf:app:GUID`), so that neither can be taken for the other; `/` and
/// `%` within a name are written `%2F` and `%25`.
package struct NamePath: Sendable, Hashable, CustomStringConvertible {
    /// What is named.
    package let kind: NameRecord.Kind
    /// The names from the outermost on, none of them empty.
    package let names: [String]

    package init(kind: NameRecord.Kind, names: [String]) {
        self.kind = kind
        self.names = names
    }

    /// Reads a path; nil for a text that is none.
    package init?(_ text: String) {
        guard let kind = NameRecord.Kind.allCases.first(where: { text.hasPrefix($0.prefix + ":") }) else { return nil }
        let segments = text.dropFirst(kind.prefix.utf8.count + 1).split(
            separator: "/",
            omittingEmptySubsequences: false
        )
        let names = segments.map(Self.unescaped)
        guard !names.contains("") else { return nil }
        self.init(kind: kind, names: names)
    }

    /// Reads the names that are given for a source: a path, or `cf:` and one with a `/`, which no GUID has.
    package init?(source text: String) {
        let isPrefixed = text.hasPrefix("cf:") && text.contains("/")
        self.init(isPrefixed ? String(text.dropFirst("cf:".count)) : text)
    }

    package var description: String {
        "\(kind.prefix):\(names.map(Self.escaped).joined(separator: "/"))"
    }

    private static func escaped(_ name: String) -> String {
        name.replacing("%", with: "%25").replacing("/", with: "%2F")
    }

    private static func unescaped(_ segment: Substring) -> String {
        String(segment.replacing("%2F", with: "/").replacing("%2f", with: "/").replacing("%25", with: "%"))
    }
}

extension NameRecord.Kind {
    /// What a path of names begins with, before its colon.
    package var prefix: String {
        switch self {
        case .organization: "org"
        case .space: "space"
        case .app: "app"
        }
    }
}
