import CountersignControlModel
import CountersignJSON

/// One call of the API, as its description shows it.
struct ControlOperation {
    let method: String
    let path: String
    /// The name that generated clients give the call.
    let identifier: String
    let summary: String
    /// The parameters of the query with their schemas.
    var query: [(String, JSONValue)] = []
    /// The schema of the content that it takes.
    var content: String?
    var status = 200
    /// The schema of the answer; nil when it has no content.
    var answer: String?

    /// Every call.
    static var all: [ControlOperation] { domains + routes + destinations + policies + names + rest }

    /// The call as a member of its path.
    var member: JSONValue.Member {
        var members: [JSONValue.Member] = [
            .init("operationId", .string(identifier)), .init("summary", .string(summary)),
            .init("description", .string(permission)),
        ]
        if isOpen { members.append(.init("security", .array([]))) }
        members.append(.init("parameters", .array(pathParameters + query.map { Self.parameter($0, "query", $1) })))
        if let content {
            members.append(
                .init(
                    "requestBody",
                    .object([
                        .init("required", .bool(true)), .init("content", Self.content("application/json", content)),
                    ])
                )
            )
        }
        members.append(.init("responses", .object(responses)))
        return .init(method, .object(members))
    }

    private var isOpen: Bool { identifier == "describe" }

    private var permission: String {
        if isOpen { return "Needs no credentials." }
        return method == "get" ? "Needs the role auditor, operator or admin." : "Needs the role admin."
    }

    private var pathParameters: [JSONValue] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            Self.parameter(String(segment.dropFirst().dropLast()), "path", ControlSchemas.guid)
        }
    }

    private var responses: [JSONValue.Member] {
        var success: [JSONValue.Member] = [.init("description", .string("Done"))]
        if let answer { success.append(.init("content", Self.content("application/json", answer))) }
        var refusals = isOpen ? [] : [400, 401, 403, 421, 429, 503]
        if path.contains("{") { refusals.append(404) }
        if content != nil { refusals.append(413) }
        if content == "ChangesRequest" { refusals.append(412) }
        if content != nil || method == "delete" && path.contains("destinations") { refusals.append(422) }
        var all = [JSONValue.Member(String(status), .object(success))]
        // A name may be put anew, and is then changed.
        if method == "put" { all.append(.init("201", .object(success))) }
        all += Set(refusals).sorted().map { .init(String($0), Self.refusal("Errors", "application/json")) }
        all += [414, 431].map {
            .init(String($0), Self.refusal("Line", "text/plain"))
        }
        return all
    }

    private static func refusal(_ schema: String, _ type: String) -> JSONValue {
        .object([.init("description", .string("Refused")), .init("content", content(type, schema))])
    }

    private static func content(_ type: String, _ schema: String) -> JSONValue {
        .object([.init(type, .object([.init("schema", ControlSchemas.reference(schema))]))])
    }

    private static func parameter(_ name: String, _ place: String, _ schema: JSONValue) -> JSONValue {
        .object([
            .init("name", .string(name)), .init("in", .string(place)), .init("required", .bool(place == "path")),
            .init("schema", schema),
        ])
    }
}

extension ControlOperation {
    private static var domains: [ControlOperation] {
        let base = "/v3/domains"
        return [
            list(base, "listDomains", "List domains", "DomainPage", ["guids", "names", "label_selector"])
                .asking("enforce_route_policies", ControlSchemas.flag),
            create(base, "createDomain", "Make a domain", "DomainRequest", "Domain"),
            show("\(base)/{guid}", "showDomain", "Show a domain", "Domain"),
            change("\(base)/{guid}", "changeDomain", "Change a domain's notes", "NotesRequest", "Domain"),
            delete("\(base)/{guid}", "deleteDomain", "Delete a domain with its routes and their policies"),
        ]
    }

    private static var routes: [ControlOperation] {
        let base = "/v3/routes"
        let filters = ["guids", "hosts", "paths", "domain_guids", "space_guids", "app_guids", "label_selector"]
        let include = ControlSchemas.list(of: ["domain", "space", "space.organization"])
        return [
            list(base, "listRoutes", "List routes", "RoutePage", filters).asking("include", include),
            create(base, "createRoute", "Make a route", "RouteRequest", "Route"),
            show("\(base)/{guid}", "showRoute", "Show a route", "Route").asking("include", include),
            change("\(base)/{guid}", "changeRoute", "Change a route's options and notes", "RouteChange", "Route"),
            delete("\(base)/{guid}", "deleteRoute", "Delete a route with its policies"),
        ]
    }

    private static var destinations: [ControlOperation] {
        let base = "/v3/routes/{guid}/destinations"
        var add = create(base, "addDestinations", "Add destinations", "DestinationsRequest", "Destinations")
        add.status = 200
        return [
            show(base, "listDestinations", "List a route's destinations", "Destinations"), add,
            change(base, "replaceDestinations", "Replace destinations", "DestinationsRequest", "Destinations"),
            delete("\(base)/{destination}", "deleteDestination", "Delete a destination"),
        ]
    }

    private static var policies: [ControlOperation] {
        PolicyRecord.Side.allCases.flatMap { side in
            let base = "/v3/\(side.rawValue)_policies"
            let name = "\(side.rawValue.capitalizedFirst)Polic"
            let word = "\(side.rawValue) polic"
            let filters = [
                "guids", "route_guids", "space_guids", "domain_guids", "sources", "source_guids", "label_selector",
            ]
            let include = ControlSchemas.list(of: ["route", "domain", "source", "app", "space", "organization"])
            return [
                list(base, "list\(name)ies", "List \(word)ies", "PolicyPage", filters).asking("include", include),
                create(base, "create\(name)y", "Make a \(word)y", "PolicyRequest", "Policy"),
                show("\(base)/{guid}", "show\(name)y", "Show a \(word)y", "Policy").asking("include", include),
                change("\(base)/{guid}", "change\(name)y", "Change a \(word)y's notes", "NotesRequest", "Policy"),
                delete("\(base)/{guid}", "delete\(name)y", "Delete a \(word)y"),
            ]
        }
    }

    private static var names: [ControlOperation] {
        NameRecord.Kind.allCases.flatMap { kind in
            let base = "/v3/\(kind.collection)"
            let name = kind.rawValue.capitalizedFirst
            let filters = ["guids", "names"] + (kind.parentKind.map { ["\($0.rawValue)_guids"] } ?? [])
            return [
                list(base, "list\(name)s", "List names of \(kind.collection)", "NamePage", filters),
                show("\(base)/{guid}", "show\(name)", "Show a name", "Name"),
                ControlOperation(
                    method: "put",
                    path: "\(base)/{guid}",
                    identifier: "put\(name)",
                    summary: "Give a name",
                    content: "\(name)Request",
                    answer: "Name"
                ),
                delete("\(base)/{guid}", "delete\(name)", "Forget a name and those below it"),
            ]
        }
    }

    private static var rest: [ControlOperation] {
        [
            show("/v3/info", "showSettings", "Show how the control plane is set", "Info"),
            show("/v3/control_audit_events", "listAuditEvents", "List changes, newest first", "AuditPage")
                .asking("actor", ControlSchemas.text).asking("action", ControlSchemas.text)
                .asking("target", ControlSchemas.text).asking("cursor", ControlSchemas.number(0, Int64.max))
                .asking("limit", ControlSchemas.number(1, 1000)),
            ControlOperation(
                method: "post",
                path: "/v3/control_changes",
                identifier: "applyChanges",
                summary: "Make several changes, all or none",
                content: "ChangesRequest",
                answer: "Changes"
            ),
            show("/v3/openapi.json", "describe", "This description", "Any"),
        ]
    }

    private static func list(
        _ path: String,
        _ identifier: String,
        _ summary: String,
        _ answer: String,
        _ filters: [String]
    ) -> ControlOperation {
        var operation = show(path, identifier, summary, answer)
        operation.query = filters.map { ($0, ControlSchemas.text) }
        operation.query += [
            ("page", ControlSchemas.number(1, Int64(Int32.max))),
            ("per_page", ControlSchemas.number(1, Int64(V3Query.maximumPageSize))),
            ("order_by", ControlSchemas.choice(["created_at", "updated_at", "-created_at", "-updated_at"])),
            ("after", ControlSchemas.cursor),
        ]
        return operation
    }

    private static func show(
        _ path: String,
        _ identifier: String,
        _ summary: String,
        _ answer: String
    ) -> ControlOperation {
        ControlOperation(method: "get", path: path, identifier: identifier, summary: summary, answer: answer)
    }

    private static func create(
        _ path: String,
        _ identifier: String,
        _ summary: String,
        _ content: String,
        _ answer: String
    ) -> ControlOperation {
        ControlOperation(
            method: "post",
            path: path,
            identifier: identifier,
            summary: summary,
            content: content,
            status: 201,
            answer: answer
        )
    }

    private static func change(
        _ path: String,
        _ identifier: String,
        _ summary: String,
        _ content: String,
        _ answer: String
    ) -> ControlOperation {
        ControlOperation(
            method: "patch",
            path: path,
            identifier: identifier,
            summary: summary,
            content: content,
            answer: answer
        )
    }

    private static func delete(_ path: String, _ identifier: String, _ summary: String) -> ControlOperation {
        ControlOperation(method: "delete", path: path, identifier: identifier, summary: summary, status: 204)
    }

    private func asking(_ name: String, _ schema: JSONValue) -> ControlOperation {
        var operation = self
        operation.query.append((name, schema))
        return operation
    }
}
