import CountersignControlModel
import CountersignJSON

/// The related records of an answer, each once.
struct V3Included {
    let json: V3JSON
    private var seen: Set<String> = []
    private var collections: [(name: String, elements: [JSONValue])] = []

    init(json: V3JSON) {
        self.json = json
    }

    /// Adds a route.
    mutating func add(route guid: String) {
        guard let route = json.state.routes[guid] else { return }
        add("routes", guid, json.route(route))
    }

    /// Adds a domain.
    mutating func add(domain guid: String) {
        guard let domain = json.state.domains[guid] else { return }
        add("domains", guid, json.domain(domain))
    }

    /// Adds what is known of the name with a GUID; nothing when there is none.
    mutating func add(_ kind: NameRecord.Kind, _ guid: String?) {
        guard let guid, let name = json.state.names[kind]?[guid] else { return }
        add(kind.collection, guid, json.name(name))
    }

    /// Makes sure that a collection is there, if empty.
    mutating func expect(_ collection: String) {
        if !collections.contains(where: { $0.name == collection }) { collections.append((collection, [])) }
    }

    /// The records by the names of their lists.
    var document: JSONValue { .object(collections.map { .init($0.name, .array($0.elements)) }) }

    private mutating func add(_ collection: String, _ guid: String, _ element: JSONValue) {
        guard seen.insert("\(collection)/\(guid)").inserted else { return }
        expect(collection)
        if let index = collections.firstIndex(where: { $0.name == collection }) {
            collections[index].elements.append(element)
        }
    }
}
