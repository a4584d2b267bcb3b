import CountersignControlModel
import CountersignHTTPServer
import CountersignJSON

extension ControlSurface {
    /// `/v3/organizations`, `/v3/spaces` and `/v3/apps`: what GUIDs are called.
    func addNames(to routes: inout RouteList) {
        for kind in NameRecord.Kind.allCases {
            let base = "/v3/\(kind.collection)"
            routes.get(base) { request, _, responder in listNames(request, responder, kind) }
            routes.get("\(base)/{guid}") { request, path, responder in
                read(request, responder) { _, json throws(ControlError) in
                    guard let name = json.state.names[kind]?[path["guid"]] else {
                        throw .notFound("\(kind.rawValue.capitalizedFirst) not found")
                    }
                    return json.name(name)
                }
            }
            routes.put("\(base)/{guid}") { request, path, responder in
                change(request, responder) { caller throws(ControlError) in
                    let known = kind.parentKind == nil ? ["name"] : ["name", "relationships"]
                    let body = try V3Body(request, known: known)
                    let parent = try kind.parentKind.map { parent throws(ControlError) in
                        try body.relationship(parent.rawValue, known: [parent.rawValue])
                    }
                    let name = try body.requiredText("name")
                    engine.put(name: path["guid"], kind, name, in: parent ?? nil, by: caller) { result in
                        end(request, responder, caller, result) { record, isNew in
                            V3Answer.document(isNew ? 201 : 200, json(request).name(record))
                        }
                    }
                }
            }
            routes.delete("\(base)/{guid}") { request, path, responder in
                change(request, responder) { caller throws(ControlError) in
                    engine.deleteName(path["guid"], kind, by: caller) { result in
                        end(request, responder, caller, result) { .empty(204) }
                    }
                }
            }
        }
    }

    private func listNames(_ request: ServerRequest, _ responder: Responder, _ kind: NameRecord.Kind) {
        var known = ["guids", "names"] + V3Query.paging
        let parents = kind.parentKind.map { "\($0.rawValue)_guids" }
        if let parents { known.append(parents) }
        read(request, responder, known: known) { query, json throws(ControlError) in
            let guids = query.list("guids")
            let names = query.list("names")
            let wanted = parents.flatMap { query.list($0) }
            let found = order.names(kind, json.state).filter { name in
                guids?.contains(name.header.guid) ?? true && names?.contains(name.name) ?? true
                    && wanted?.contains(name.parent ?? "") ?? true
            }
            let page = try V3Page(of: try found.ordered(by: query, \.header), query, \.header)
            return page.document(request, json.name)
        }
    }
}
