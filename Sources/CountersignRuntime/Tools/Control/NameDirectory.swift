import CountersignControlModel
import CountersignIdentity
import CountersignJSON
import CountersignPolicy

/// Names of organizations, spaces and apps, looked up both ways.
///
/// A name is written as a path from the outermost on: `org:ORG`, `space:ORG/SPACE`, `app:ORG/SPACE/APP`. It begins
/// otherwise than the source of a policy (`cf:app:GUID`), so that neither can be taken for the other; `/` and `%` within a
/// name are written `%2F` and `%25`.
struct NameDirectory {
    private struct Entry {
        let name: String
        let parent: String?
    }

    private var entries: [NameRecord.Kind: [String: Entry]] = [:]

    /// A directory without names.
    init() {}

    /// Asks a control plane for its names.
    ///
    /// - Throws: ``ToolError``.
    init(_ connection: AdminConnection) throws(ToolError) {
        for kind in NameRecord.Kind.allCases {
            for object in try ControlInventory.all("/v3/\(kind.rawValue)s", connection) {
                try ControlInventory.reading { () throws(JSONError) in
                    let parent = try kind.parentKind.flatMap { parent throws(JSONError) in
                        try object.object("relationships", known: nil)?.object(parent.rawValue, known: nil)?
                            .object("data", known: nil)?.string("guid")
                    }
                    add(kind, try object.requiredString("guid"), try object.requiredString("name"), in: parent)
                }
            }
        }
    }

    /// Adds a name.
    mutating func add(_ kind: NameRecord.Kind, _ guid: String, _ name: String, in parent: String?) {
        entries[kind, default: [:]][guid] = Entry(name: name, parent: parent)
    }

    /// The path of what has a GUID, as `app:ORG/SPACE/APP`; nil when a part of it has no name.
    func path(_ kind: NameRecord.Kind, _ guid: String) -> String? {
        segments(kind, guid).map { "\(kind.prefix):\($0.map(Self.escaped).joined(separator: "/"))" }
    }

    /// The names from the outermost to that of a GUID; nil when one is missing.
    func segments(_ kind: NameRecord.Kind, _ guid: String) -> [String]? {
        guard let entry = entries[kind]?[guid] else { return nil }
        guard let parentKind = kind.parentKind else { return [entry.name] }
        guard let parent = entry.parent, let segments = segments(parentKind, parent) else { return nil }
        return segments + [entry.name]
    }

    /// The GUID of what the names lead to, from the outermost on; nil when there is none.
    func guid(_ kind: NameRecord.Kind, _ names: [String]) -> String? {
        guard let name = names.last else { return nil }
        guard let parentKind = kind.parentKind else {
            return names.count == 1 ? entries[kind]?.first { $0.value.name == name }?.key : nil
        }
        guard let parent = guid(parentKind, names.dropLast()) else { return nil }
        return entries[kind]?.first { $0.value.name == name && $0.value.parent == parent }?.key
    }

    /// What is known of a GUID.
    func entry(_ kind: NameRecord.Kind, _ guid: String) -> (name: String, parent: String?)? {
        entries[kind]?[guid].map { ($0.name, $0.parent) }
    }

    /// All paths with their GUIDs, from the outermost kind to the innermost.
    var paths: [(path: String, guid: String)] {
        NameRecord.Kind.allCases.flatMap { kind in
            (entries[kind] ?? [:]).keys.map {
                (path(kind, $0) ?? "\(kind.prefix):?/\(entries[kind]?[$0]?.name ?? "")", $0)
            }
            .sorted { $0.0 < $1.0 }
        }
    }

    /// What a path names; nil for a text that is no path of names.
    static func parse(_ text: String) -> (kind: NameRecord.Kind, names: [String])? {
        for kind in NameRecord.Kind.allCases where text.hasPrefix(kind.prefix + ":") {
            let segments = text.dropFirst(kind.prefix.count + 1).split(separator: "/", omittingEmptySubsequences: false)
            let names = segments.map(unescaped)
            return names.contains("") ? nil : (kind, names)
        }
        return nil
    }

    /// The source that a text means: one as policies have it, or a path of names.
    ///
    /// - Throws: ``ToolError`` for a name that nobody has, and for what is neither.
    func source(_ text: String) throws(ToolError) -> PolicySource {
        guard let (kind, names) = Self.parse(text) else {
            do throws(PolicyError) {
                return try PolicySource(parsing: text)
            } catch {
                throw ToolError("\(error.message); or names: app:ORG/SPACE/APP, space:ORG/SPACE, org:ORG")
            }
        }
        guard let guid = guid(kind, names) else {
            throw ToolError("nothing is named \(text); countersign names list shows what is, names put adds one")
        }
        do throws(PolicyError) {
            return try PolicySource(parsing: "cf:\(kind.prefix):\(guid)")
        } catch {
            throw ToolError(error.message)
        }
    }

    /// A source with its names, or as it is where it has none.
    func shown(_ source: PolicySource) -> String {
        switch source {
        case .app(let guid): path(.app, guid.description) ?? source.description
        case .space(let guid): path(.space, guid.description) ?? source.description
        case .organization(let guid): path(.organization, guid.description) ?? source.description
        case .any, .spiffe: source.description
        }
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
    var prefix: String {
        switch self {
        case .organization: "org"
        case .space: "space"
        case .app: "app"
        }
    }
}
