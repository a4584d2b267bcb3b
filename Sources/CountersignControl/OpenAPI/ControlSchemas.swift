import CountersignControlModel
import CountersignJSON

/// The schemas of what the API takes and answers.
enum ControlSchemas {
    /// Every schema by name.
    static var all: [JSONValue.Member] { answers + pages + requests }

    static let text = typed("string")
    static let flag = typed("boolean")
    static let time = JSONValue.object([.init("type", .string("string")), .init("format", .string("date-time"))])
    static let guid = JSONValue.object([
        .init("type", .string("string")), .init("pattern", .string("^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$")),
        .init("maxLength", .number(128)),
    ])

    static func reference(_ name: String) -> JSONValue {
        .object([.init("$ref", .string("#/components/schemas/\(name)"))])
    }

    static func number(_ lowest: Int64, _ highest: Int64) -> JSONValue {
        .object([
            .init("type", .string("integer")), .init("minimum", .number(lowest)), .init("maximum", .number(highest)),
        ])
    }

    static func choice(_ values: [String]) -> JSONValue {
        .object([.init("type", .string("string")), .init("enum", .strings(values))])
    }

    /// A place in a list: that of a page's next link, or empty for its beginning.
    static let cursor = JSONValue.object([
        .init("type", .string("string")),
        .init("pattern", .string("^$|^[0-9]{1,12}_[0-9]{1,12}_[A-Za-z0-9._-]{1,128}$")),
    ])

    /// Some of these words, separated by commas, or none.
    static func list(of words: [String]) -> JSONValue {
        let word = "(" + words.map { $0.replacing(".", with: "\\.") }.joined(separator: "|") + ")"
        return .object([.init("type", .string("string")), .init("pattern", .string("^(\(word)(,\(word))*)?$"))])
    }

    private static func typed(_ name: String) -> JSONValue { .object([.init("type", .string(name))]) }

    private static func nullable(_ schema: JSONValue) -> JSONValue {
        .object([.init("anyOf", .array([schema, typed("null")]))])
    }

    private static func array(_ element: JSONValue) -> JSONValue {
        .object([.init("type", .string("array")), .init("items", element)])
    }

    private static func map(_ value: JSONValue) -> JSONValue {
        .object([.init("type", .string("object")), .init("additionalProperties", value)])
    }

    private static func object(
        _ required: [(String, JSONValue)],
        optional: [(String, JSONValue)] = [],
        isClosed: Bool = false
    ) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("type", .string("object")),
            .init("properties", .object((required + optional).map { .init($0.0, $0.1) })),
        ]
        if !required.isEmpty { members.append(.init("required", .strings(required.map(\.0)))) }
        if isClosed { members.append(.init("additionalProperties", .bool(false))) }
        return .object(members)
    }

    private static let header: [(String, JSONValue)] = [
        ("guid", text), ("created_at", time), ("updated_at", time), ("links", map(typed("object"))),
    ]
    private static let notes = object([("labels", map(text)), ("annotations", map(text))])
    private static let link = nullable(object([("href", text)]))
    private static let reference = object([("guid", text)])
    private static let relation = object([("data", nullable(reference))])
    private static let option = JSONValue.object([
        .init("type", .array([.string("string"), .string("number"), .string("boolean")]))
    ])

    private static var answers: [JSONValue.Member] {
        let scope = nullable(choice(["any", "org", "space"]))
        let domain =
            header + [
                ("name", text), ("internal", flag), ("enforce_route_policies", flag), ("route_policies_scope", scope),
                ("metadata", notes), ("relationships", typed("object")),
            ]
        let destination: [(String, JSONValue)] = [
            ("guid", text), ("host", text), ("port", number(1, 65535)), ("tls", flag),
            ("protocol", choice(["http1", "http2"])), ("certificate_name", nullable(text)),
            ("app", nullable(reference)), ("space", nullable(reference)), ("organization", nullable(reference)),
        ]
        let route =
            header + [
                ("protocol", text), ("host", text), ("path", text), ("url", text),
                ("destinations", array(reference("Destination"))), ("options", map(option)), ("metadata", notes),
                ("relationships", object([("space", relation), ("domain", relation)])),
            ]
        let relations = ["route", "app", "space", "organization"].map { ($0, relation) }
        let policy = header + [("source", text), ("metadata", notes), ("relationships", object(relations))]
        let error = object([("code", typed("integer")), ("title", text), ("detail", text)])
        let line: [(String, JSONValue)] = [
            ("sequence", typed("integer")), ("date", time), ("actor", text), ("address", nullable(text)),
            ("action", text), ("target", text), ("outcome", text), ("detail", text),
        ]
        return [
            .init("Domain", object(domain)), .init("Destination", object(destination)),
            .init("Destinations", object([("destinations", array(reference("Destination")))])),
            .init("Route", object(route)), .init("Policy", object(policy)),
            .init("Name", object(header + [("name", text)], optional: [("relationships", typed("object"))])),
            .init(
                "Info",
                object([("bilateral", flag), ("max_route_options_size", number(0, 65536)), ("version", text)])
            ),
            .init("Changes", object([("version", text), ("changes", typed("integer"))])),
            .init("AuditPage", object([("audit", array(object(line))), ("next_cursor", nullable(text))])),
            .init("Errors", object([("errors", array(error))])), .init("Line", text), .init("Any", typed("object")),
        ]
    }

    private static var pages: [JSONValue.Member] {
        let pagination = object([
            ("total_results", typed("integer")), ("total_pages", typed("integer")), ("first", link), ("last", link),
            ("next", link), ("previous", link),
        ])
        return ["Domain", "Route", "Policy", "Name"].map { name in
            .init(
                "\(name)Page",
                object(
                    [("pagination", pagination), ("resources", array(reference(name)))],
                    optional: [("included", map(array(typed("object"))))]
                )
            )
        }
    }

    private static var requests: [JSONValue.Member] {
        let change = object(
            [],
            optional: [("labels", nullable(map(nullable(text)))), ("annotations", nullable(map(nullable(text))))],
            isClosed: true
        )
        let notes = ("metadata", nullable(change))
        let destination = object(
            [("host", text), ("port", number(1, 65535))],
            optional: [
                ("tls", nullable(flag)), ("protocol", nullable(choice(["http1", "http2"]))),
                ("certificate_name", nullable(text)), ("app", nullable(only("guid"))),
                ("space", nullable(only("guid"))), ("organization", nullable(only("guid"))),
            ],
            isClosed: true
        )
        let options = nullable(map(nullable(option)))
        let destinations = object([("destinations", array(destination))], isClosed: true)
        let domain: [(String, JSONValue)] = [
            ("internal", nullable(flag)), ("enforce_route_policies", nullable(flag)),
            ("route_policies_scope", nullable(choice(["any", "org", "space"]))), notes,
        ]
        let route: [(String, JSONValue)] = [
            ("host", nullable(text)), ("path", nullable(text)), ("destinations", nullable(array(destination))),
            ("options", options), notes,
        ]
        let target = object([("domain", to)], optional: [("space", nullable(to))], isClosed: true)
        let named = NameRecord.Kind.allCases.map { kind in
            let members = [("name", text)] + (kind.parentKind.map { [("relationships", parent($0))] } ?? [])
            return JSONValue.Member("\(kind.rawValue.capitalizedFirst)Request", object(members, isClosed: true))
        }
        return [
            .init("NotesRequest", object([], optional: [notes], isClosed: true)),
            .init("DomainRequest", object([("name", text)], optional: domain, isClosed: true)),
            .init("RouteRequest", object([("relationships", target)], optional: route, isClosed: true)),
            .init("RouteChange", object([], optional: [("options", options), notes], isClosed: true)),
            .init("DestinationsRequest", destinations),
            .init("ChangesRequest", changes(destination, options, notes)),
            .init(
                "PolicyRequest",
                object(
                    [("source", text), ("relationships", relationships("route"))],
                    optional: [notes],
                    isClosed: true
                )
            ),
        ] + named
    }

    private static func changes(
        _ destination: JSONValue,
        _ options: JSONValue,
        _ notes: (String, JSONValue)
    ) -> JSONValue {
        let required: [String: [String]] = [
            "domain.create": ["name"], "domain.update": ["name"], "route.create": ["domain"],
            "route.destinations": ["destinations", "url"], "name.put": ["kind", "guid", "name"],
        ]
        let special: [String: JSONValue] = [
            "internal": nullable(flag), "enforce_route_policies": nullable(flag),
            "route_policies_scope": nullable(choice(["any", "org", "space"])), "options": options,
            "destinations": array(destination), "metadata": notes.1,
            "kind": choice(NameRecord.Kind.allCases.map(\.rawValue)),
        ]
        let forms = V3Changes.actions.map { action, names in
            let needed = required[action] ?? names.filter { ["url", "source"].contains($0) }
            let members = names.map { name in
                (name, special[name] ?? (needed.contains(name) ? text : nullable(text)))
            }
            return object(
                [("action", choice([action]))] + members.filter { needed.contains($0.0) },
                optional: members.filter { !needed.contains($0.0) },
                isClosed: true
            )
        }
        return object(
            [("changes", array(.object([.init("oneOf", .array(forms))])))],
            optional: [("version", nullable(text))],
            isClosed: true
        )
    }

    private static let to = object([("data", only("guid"))], isClosed: true)

    private static func only(_ name: String) -> JSONValue { object([(name, text)], isClosed: true) }

    private static func relationships(_ name: String) -> JSONValue { object([(name, to)], isClosed: true) }

    private static func parent(_ kind: NameRecord.Kind) -> JSONValue { relationships(kind.rawValue) }
}
