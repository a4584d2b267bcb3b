import CountersignControlModel
import CountersignHTTPServer
import CountersignJSON
import CountersignPolicy

extension ControlSurface {
    /// `/v3/route_policies`, or `/v3/caller_policies` with the same shapes.
    func addPolicies(to routes: inout RouteList, _ side: PolicyRecord.Side) {
        let base = side == .route ? "/v3/route_policies" : "/v3/caller_policies"
        routes.get(base) { request, _, responder in listPolicies(request, responder, side) }
        routes.post(base) { request, _, responder in createPolicy(request, responder, side) }
        routes.get("\(base)/{guid}") { request, path, responder in
            read(request, responder, known: ["include"]) { query, json throws(ControlError) in
                let policy = try ControlEngine.policy(path["guid"], side, json.state)
                let included = Self.included(try query.include(Self.policyIncludes), [policy], json)
                return Self.with(included, json.policy(policy))
            }
        }
        routes.on(["PATCH"], "\(base)/{guid}") { request, path, responder in
            change(request, responder) { caller throws(ControlError) in
                // Who may call what is never changed, only given and taken back.
                let body = try V3Body(request, known: ["metadata"])
                engine.annotate(policy: path["guid"], side, try body.metadata(), by: caller) { result in
                    end(request, responder, caller, result) { V3Answer.document(200, json(request).policy($0)) }
                }
            }
        }
        routes.delete("\(base)/{guid}") { request, path, responder in
            change(request, responder) { caller throws(ControlError) in
                engine.deletePolicy(path["guid"], side, by: caller) { result in
                    end(request, responder, caller, result) { .empty(204) }
                }
            }
        }
    }

    private func listPolicies(_ request: ServerRequest, _ responder: Responder, _ side: PolicyRecord.Side) {
        let filters = [
            "guids", "route_guids", "space_guids", "domain_guids", "sources", "source_guids", "label_selector",
        ]
        let known = filters + ["include"] + V3Query.paging
        read(request, responder, known: known) { query, json throws(ControlError) in
            let filter = try PolicyFilter(query, side, json.state)
            let candidates = filter.candidates ?? order.policies(side, json.state)
            let policies = query.hasNone(of: filters) ? candidates : candidates.filter(filter.matches)
            let page = try V3Page(of: try policies.ordered(by: query, \.header), query, \.header)
            let included = Self.included(try query.include(Self.policyIncludes), page.elements, json)
            return page.document(request, included: included, json.policy)
        }
    }

    private func createPolicy(_ request: ServerRequest, _ responder: Responder, _ side: PolicyRecord.Side) {
        change(request, responder) { caller throws(ControlError) in
            let body = try V3Body(request, known: ["source", "relationships", "metadata"])
            let source = try body.requiredText("source")
            guard let route = try body.relationship("route", known: ["route"]) else {
                throw .unprocessable("Relationships have no route")
            }
            var draft = PolicyDraft(side: side, source: source, route: route)
            draft.metadata = try body.metadata().applied(to: RecordMetadata())
            engine.create(draft, by: caller) { result in
                end(request, responder, caller, result) { policy in
                    var response = V3Answer.document(201, json(request).policy(policy))
                    if side == .caller, !engine.settings.isBilateral {
                        response.fields.append((name: "X-Cf-Warnings", value: Self.notAsked))
                    }
                    return response
                }
            }
        }
    }

    private static let policyIncludes = ["route", "domain", "source", "app", "space", "organization"]
    private static let notAsked = "caller%20policies%20are%20kept%20and%20not%20asked%20for%3A%20bilateral%20is%20off"

    private static func included(
        _ wanted: Set<String>,
        _ policies: some Sequence<PolicyRecord>,
        _ json: V3JSON
    ) -> JSONValue? {
        guard !wanted.isEmpty else { return nil }
        var set = V3Included(json: json)
        if wanted.contains("route") { set.expect("routes") }
        if wanted.contains("domain") { set.expect("domains") }
        for kind in NameRecord.Kind.allCases where wanted.contains(kind.rawValue) || wanted.contains("source") {
            set.expect(kind.collection)
        }
        for policy in policies {
            if wanted.contains("route") { set.add(route: policy.route) }
            if wanted.contains("domain"), let route = json.state.routes[policy.route] { set.add(domain: route.domain) }
            for kind in NameRecord.Kind.allCases where wanted.contains(kind.rawValue) || wanted.contains("source") {
                set.add(kind, policy.source.guid(of: kind))
            }
        }
        return set.document
    }
}

/// Which permissions a list shows.
private struct PolicyFilter {
    private let state: ControlState
    private let side: PolicyRecord.Side
    private let guids: Set<String>?
    private let routes: Set<String>?
    private let spaces: Set<String>?
    private let domains: Set<String>?
    private let sources: Set<String>?
    private let sourceGUIDs: Set<String>?

    private let labels: LabelSelector?

    init(_ query: V3Query, _ side: PolicyRecord.Side, _ state: ControlState) throws(ControlError) {
        labels = try query.labelSelector()
        self.state = state
        self.side = side
        guids = query.list("guids")
        routes = query.list("route_guids")
        spaces = query.list("space_guids")
        domains = query.list("domain_guids")
        // Names stand for GUIDs here, too; one that nobody has is in no policy.
        sources = query.list("sources").map { Set($0.map { (try? state.resolved(source: $0)) ?? $0 }) }
        sourceGUIDs = query.list("source_guids")
    }

    /// All that could match, where routes are named; nil where every permission has to be looked at.
    var candidates: [PolicyRecord]? {
        routes.map { routes in V3Order.sorted(routes.flatMap { state.policies(of: $0, side) }, \.header) }
    }

    func matches(_ policy: PolicyRecord) -> Bool {
        guard policy.side == side, guids?.contains(policy.header.guid) ?? true,
            sources?.contains(policy.source.description) ?? true,
            sourceGUIDs == nil || policy.source.guid.map({ sourceGUIDs?.contains($0) ?? false }) ?? false,
            labels?.matches(policy.metadata.labels) ?? true
        else { return false }
        guard spaces != nil || domains != nil else { return true }
        guard let route = state.routes[policy.route] else { return false }
        return spaces?.contains(route.space ?? "") ?? true && domains?.contains(route.domain) ?? true
    }
}
