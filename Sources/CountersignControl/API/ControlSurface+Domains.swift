import CountersignControlModel
import CountersignHTTPServer
import CountersignJSON
import CountersignPolicy

extension ControlSurface {
    /// `/v3/domains`.
    func addDomains(to routes: inout RouteList) {
        routes.get("/v3/domains") { request, _, responder in listDomains(request, responder) }
        routes.post("/v3/domains") { request, _, responder in createDomain(request, responder) }
        routes.get("/v3/domains/{guid}") { request, path, responder in
            read(request, responder) { _, json throws(ControlError) in
                guard let domain = json.state.domains[path["guid"]] else { throw .notFound("Domain not found") }
                return json.domain(domain)
            }
        }
        routes.on(["PATCH"], "/v3/domains/{guid}") { request, path, responder in
            change(request, responder) { caller throws(ControlError) in
                // What is enforced is decided once: callers rely on it when they give a route a name there.
                let body = try V3Body(request, known: ["metadata"])
                engine.annotate(domain: path["guid"], try body.metadata(), by: caller) { result in
                    end(request, responder, caller, result) { V3Answer.document(200, json(request).domain($0)) }
                }
            }
        }
        routes.delete("/v3/domains/{guid}") { request, path, responder in
            change(request, responder) { caller throws(ControlError) in
                engine.deleteDomain(path["guid"], by: caller) { result in
                    end(request, responder, caller, result) { .empty(204) }
                }
            }
        }
    }

    /// How records are shown after a change.
    func json(_ request: ServerRequest) -> V3JSON { V3JSON(request: request, state: engine.state) }

    private func listDomains(_ request: ServerRequest, _ responder: Responder) {
        let known = ["guids", "names", "enforce_route_policies", "label_selector"] + V3Query.paging
        read(request, responder, known: known) { query, json throws(ControlError) in
            let guids = query.list("guids")
            let names = query.list("names")
            let enforces = try query.flag("enforce_route_policies")
            let labels = try query.labelSelector()
            let domains = order.domains(json.state).filter { domain in
                guids?.contains(domain.header.guid) ?? true && names?.contains(domain.name) ?? true
                    && (enforces == nil || enforces == domain.enforcesPolicies)
                    && labels?.matches(domain.metadata.labels) ?? true
            }
            let page = try V3Page(of: try domains.ordered(by: query, \.header), query, \.header)
            return page.document(request, json.domain)
        }
    }

    private func createDomain(_ request: ServerRequest, _ responder: Responder) {
        change(request, responder) { caller throws(ControlError) in
            let body = try V3Body(
                request,
                known: [
                    "name", "internal", "enforce_route_policies", "route_policies_scope", "metadata",
                ]
            )
            engine.create(try body.domainDraft(), by: caller) { result in
                end(request, responder, caller, result) { V3Answer.document(201, json(request).domain($0)) }
            }
        }
    }
}
