import CountersignControlModel
import CountersignHTTPServer
import CountersignJSON
import CountersignPolicy

extension ControlSurface {
    /// `/v3/routes` and their destinations.
    func addRoutes(to routes: inout RouteList) {
        routes.get("/v3/routes") { request, _, responder in listRoutes(request, responder) }
        routes.post("/v3/routes") { request, _, responder in createRoute(request, responder) }
        routes.get("/v3/routes/{guid}") { request, path, responder in
            read(request, responder, known: ["include"]) { query, json throws(ControlError) in
                let (route, _) = try ControlEngine.route(path["guid"], json.state)
                let included = try Self.included(try query.include(Self.routeIncludes), [route], json)
                return Self.with(included, json.route(route))
            }
        }
        routes.on(["PATCH"], "/v3/routes/{guid}") { request, path, responder in
            change(request, responder) { caller throws(ControlError) in
                let body = try V3Body(request, known: ["options", "metadata"])
                let options = try body.options() ?? []
                engine.update(route: path["guid"], options: options, try body.metadata(), by: caller) { result in
                    end(request, responder, caller, result) { V3Answer.document(200, json(request).route($0)) }
                }
            }
        }
        routes.delete("/v3/routes/{guid}") { request, path, responder in
            change(request, responder) { caller throws(ControlError) in
                engine.deleteRoute(path["guid"], by: caller) { result in
                    end(request, responder, caller, result) { .empty(204) }
                }
            }
        }
        addDestinations(to: &routes)
    }

    private func addDestinations(to routes: inout RouteList) {
        let base = "/v3/routes/{guid}/destinations"
        routes.get(base) { request, path, responder in
            read(request, responder) { _, json throws(ControlError) in
                json.destinations(try ControlEngine.route(path["guid"], json.state).route)
            }
        }
        for (method, replacing) in [("POST", false), ("PATCH", true)] {
            routes.on([method], base) { request, path, responder in
                change(request, responder) { caller throws(ControlError) in
                    guard let drafts = try V3Body(request, known: ["destinations"]).destinations() else {
                        throw .unprocessable("Destinations are missing")
                    }
                    let guid = path["guid"]
                    engine.setDestinations(of: guid, drafts, replacing: replacing, by: caller) { result in
                        end(request, responder, caller, result) {
                            V3Answer.document(200, json(request).destinations($0))
                        }
                    }
                }
            }
        }
        routes.delete("\(base)/{destination}") { request, path, responder in
            change(request, responder) { caller throws(ControlError) in
                engine.deleteDestination(path["destination"], of: path["guid"], by: caller) { result in
                    end(request, responder, caller, result) { .empty(204) }
                }
            }
        }
    }

    private func listRoutes(_ request: ServerRequest, _ responder: Responder) {
        let filters = ["guids", "hosts", "paths", "domain_guids", "space_guids", "app_guids", "label_selector"]
        let known = filters + ["include"] + V3Query.paging
        read(request, responder, known: known) { query, json throws(ControlError) in
            let guids = query.list("guids")
            let hosts = query.list("hosts")
            let paths = query.list("paths")
            let domains = query.list("domain_guids")
            let spaces = query.list("space_guids")
            let apps = query.list("app_guids")
            let labels = try query.labelSelector()
            let routes = order.routes(json.state).filter { route in
                guids?.contains(route.header.guid) ?? true && hosts?.contains(route.host) ?? true
                    && paths?.contains(route.path) ?? true && domains?.contains(route.domain) ?? true
                    && spaces?.contains(route.space ?? "") ?? true
                    && (apps == nil || route.destinations.contains { apps?.contains($0.app ?? "") ?? false })
                    && labels?.matches(route.metadata.labels) ?? true
            }
            let page = try V3Page(of: try routes.ordered(by: query, \.header), query, \.header)
            let included = try Self.included(try query.include(Self.routeIncludes), page.elements, json)
            return page.document(request, included: included, json.route)
        }
    }

    private func createRoute(_ request: ServerRequest, _ responder: Responder) {
        change(request, responder) { caller throws(ControlError) in
            let body = try V3Body(
                request,
                known: ["host", "path", "relationships", "destinations", "options", "metadata"]
            )
            let known = ["domain", "space"]
            guard let domain = try body.relationship("domain", known: known) else {
                throw .unprocessable("Relationships have no domain")
            }
            var draft = try body.routeDraft(domain: domain)
            draft.space = try body.relationship("space", known: known)
            engine.create(draft, by: caller) { result in
                end(request, responder, caller, result) { V3Answer.document(201, json(request).route($0)) }
            }
        }
    }

    private static let routeIncludes = ["domain", "space", "space.organization"]

    private static func included(
        _ wanted: Set<String>,
        _ routes: some Sequence<RouteRecord>,
        _ json: V3JSON
    ) throws(ControlError) -> JSONValue? {
        guard !wanted.isEmpty else { return nil }
        var set = V3Included(json: json)
        for route in routes {
            if wanted.contains("domain") { set.add(domain: route.domain) }
            if let space = route.space {
                if wanted.contains("space") { set.add(.space, space) }
                if wanted.contains("space.organization"), let name = json.state.names[.space]?[space] {
                    set.add(.organization, name.parent)
                }
            }
        }
        return set.document
    }

    /// A document with related records.
    static func with(_ included: JSONValue?, _ document: JSONValue) -> JSONValue {
        guard let included, case .object(let members) = document else { return document }
        return .object(members + [.init("included", included)])
    }
}
