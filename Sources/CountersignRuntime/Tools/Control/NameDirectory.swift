import CountersignControlModel
import CountersignIdentity
import CountersignJSON
import CountersignPolicy

/// Names of organizations, spaces and apps, looked up both ways.
///
/// A name is written as a `NamePath`.
struct NameDirectory {
    private struct Entry {
        let name: String
        let parent: String?
    }

    private struct Key: Hashable {
        let kind: NameRecord.Kind
        let name: String
        let parent: String?
    }

    private var entries: [NameRecord.Kind: [String: Entry]] = [:]
    private var guids: [Key: String] = [:]

    /// A directory without names.
    init() {}

    /// Asks a control plane for all its names.
    ///
    /// - Throws: ``ToolError``.
    init(_ connection: AdminConnection) throws(ToolError) {
        for kind in NameRecord.Kind.allCases { _ = try load(kind, "", connection) }
    }

    /// Asks a control plane for what a path of names leads to.
    ///
    /// - Throws: ``ToolError``.
    mutating func load(_ kind: NameRecord.Kind, _ names: [String], _ connection: AdminConnection) throws(ToolError) {
        guard let name = names.last else { return }
        var query = "?names=\(AdminQuery.encoded(name))"
        if let parentKind = kind.parentKind {
            try load(parentKind, names.dropLast(), connection)
            guard let parent = guid(parentKind, names.dropLast()) else { return }
            query += "&\(parentKind.rawValue)_guids=\(AdminQuery.encoded(parent))"
        }
        // A comma separates values of a filter, and may be in a name.
        _ = try load(kind, name.contains(",") ? "" : query, connection)
    }

    /// Asks a control plane for the names of what has GUIDs, and of what that belongs to.
    ///
    /// - Throws: ``ToolError``.
    mutating func load(
        _ kind: NameRecord.Kind,
        guids: Set<String>,
        _ connection: AdminConnection
    ) throws(ToolError) {
        let unknown = guids.filter { entries[kind]?[$0] == nil }.sorted()
        var parents: Set<String> = []
        for start in stride(from: 0, to: unknown.count, by: 100) {
            let part = unknown[start..<min(start + 100, unknown.count)].map(AdminQuery.encoded)
            parents.formUnion(try load(kind, "?guids=\(part.joined(separator: ","))", connection))
        }
        if let parentKind = kind.parentKind, !parents.isEmpty { try load(parentKind, guids: parents, connection) }
    }

    /// Asks a control plane for the names of what sources have GUIDs of.
    ///
    /// - Throws: ``ToolError``.
    mutating func load(_ sources: some Sequence<PolicySource>, _ connection: AdminConnection) throws(ToolError) {
        var wanted: [NameRecord.Kind: Set<String>] = [:]
        for source in sources {
            switch source {
            case .app(let guid): wanted[.app, default: []].insert(guid.description)
            case .space(let guid): wanted[.space, default: []].insert(guid.description)
            case .organization(let guid): wanted[.organization, default: []].insert(guid.description)
            case .any, .spiffe: break
            }
        }
        for (kind, guids) in wanted { try load(kind, guids: guids, connection) }
    }

    private mutating func load(
        _ kind: NameRecord.Kind,
        _ query: String,
        _ connection: AdminConnection
    ) throws(ToolError) -> Set<String> {
        var parents: Set<String> = []
        try ControlPages("/v3/\(kind.rawValue)s\(query)", connection).read { object throws(JSONError) in
            let parent = try kind.parentKind.flatMap { parent throws(JSONError) in try object.related(parent.rawValue) }
            if let parent { parents.insert(parent) }
            add(kind, try object.requiredString("guid"), try object.requiredString("name"), in: parent)
        }
        return parents
    }

    /// Adds a name.
    mutating func add(_ kind: NameRecord.Kind, _ guid: String, _ name: String, in parent: String?) {
        if let former = entries[kind]?.updateValue(Entry(name: name, parent: parent), forKey: guid) {
            guids[Key(kind: kind, name: former.name, parent: former.parent)] = nil
        } else {
            entries[kind, default: [:]][guid] = Entry(name: name, parent: parent)
        }
        guids[Key(kind: kind, name: name, parent: parent)] = guid
    }

    /// The path of what has a GUID, as `app:ORG/SPACE/APP`; nil when a part of it has no name.
    func path(_ kind: NameRecord.Kind, _ guid: String) -> String? {
        segments(kind, guid).map { Self.text(kind, $0) }
    }

    /// A path of names, from the outermost on.
    static func text(_ kind: NameRecord.Kind, _ names: [String]) -> String {
        NamePath(kind: kind, names: names).description
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
            return names.count == 1 ? guids[Key(kind: kind, name: name, parent: nil)] : nil
        }
        guard let parent = guid(parentKind, names.dropLast()) else { return nil }
        return guids[Key(kind: kind, name: name, parent: parent)]
    }

    /// What is known of a GUID.
    func entry(_ kind: NameRecord.Kind, _ guid: String) -> (name: String, parent: String?)? {
        entries[kind]?[guid].map { ($0.name, $0.parent) }
    }

    /// The GUIDs of everything of a kind that has a name.
    func guids(of kind: NameRecord.Kind) -> [String] { entries[kind].map { Array($0.keys) } ?? [] }

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
        NamePath(text).map { ($0.kind, $0.names) }
    }

    /// The source that a text means: one as policies have it, or a path of names.
    ///
    /// - Throws: ``ToolError`` for a name that nobody has, and for what is neither.
    func source(_ text: String) throws(ToolError) -> PolicySource {
        guard let (kind, names) = Self.parse(text) else {
            do throws(PolicyError) {
                let source = try PolicySource(parsing: text)
                if let problem = source.spellingProblem { throw PolicyError(.invalidSource, problem) }
                return source
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
}
