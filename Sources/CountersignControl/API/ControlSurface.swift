import CountersignControlModel
package import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON

/// The API of the control plane in the shapes of Cloud Foundry's V3 API, below `/v3`.
package struct ControlSurface: Sendable {
    let engine: ControlEngine
    /// What lists are cut of.
    let order = V3Order()
    private let gate: any ControlGate

    /// Makes the API over an engine; `gate` decides who may call it.
    package init(engine: ControlEngine, gate: any ControlGate) {
        self.engine = engine
        self.gate = gate
    }

    /// The routes of the API.
    package var routes: RouteList {
        var routes = RouteList()
        addDomains(to: &routes)
        addRoutes(to: &routes)
        addPolicies(to: &routes, .route)
        addPolicies(to: &routes, .caller)
        addNames(to: &routes)
        addChanges(to: &routes)
        routes.get("/v3/control_audit_events") { request, _, responder in audit(request, responder) }
        routes.get("/v3/info") { request, _, responder in
            read(request, responder) { _, json throws(ControlError) in
                .object([
                    .init("name", .string("countersign")), .init("bilateral", .bool(engine.settings.isBilateral)),
                    .init("max_route_options_size", .number(Int64(engine.settings.maximumOptionsSize))),
                    .init("version", .string(json.state.token)),
                ])
            }
        }
        routes.get("/v3/openapi.json") { _, _ in ControlOpenAPI.response }
        return routes
    }

    /// The answer for a path or method that there is not, where it is below `/v3`; nil elsewhere.
    package static func fault(_ request: ServerRequest, _ fault: RouteFault) -> ServerResponse? {
        guard request.path == "/v3" || request.path.hasPrefix("/v3/") else { return nil }
        return V3Answer.fault(request, fault)
    }

    /// The answer to content of more than `limit` bytes, where the path is below `/v3`; nil elsewhere.
    package static func answerToLargeContent(_ request: ServerRequest, _ limit: Int) -> ServerResponse? {
        guard request.path == "/v3" || request.path.hasPrefix("/v3/") else { return nil }
        return V3Answer.tooLarge(limit)
    }

    /// Runs a call that answers at once.
    func read(
        _ request: ServerRequest,
        _ responder: Responder,
        known: [String] = [],
        _ body: (V3Query, V3JSON) throws(ControlError) -> JSONValue
    ) {
        call(request, responder, for: .read, known: known) { query, caller throws(ControlError) in
            let document = try body(query, V3JSON(request: request, state: engine.state))
            gate.audit("api.read", target: Self.target(request), by: caller, outcome: .done, detail: "")
            responder.answer(V3Answer.document(200, document))
        }
    }

    /// Runs a call that changes something; what `body` throws is answered and audited.
    func change(
        _ request: ServerRequest,
        _ responder: Responder,
        _ body: (ControlCaller) throws(ControlError) -> Void
    ) {
        call(request, responder, for: .change, known: []) { _, caller throws(ControlError) in try body(caller) }
    }

    /// Ends a call with the result of the engine; a refusal is audited, a change has its line already.
    func end<Value>(
        _ request: ServerRequest,
        _ responder: Responder,
        _ caller: ControlCaller,
        _ result: Result<Value, ControlError>,
        _ answer: (Value) -> ServerResponse
    ) {
        switch result {
        case .success(let value): responder.answer(answer(value))
        case .failure(let error): refuse(request, responder, caller, error)
        }
    }

    /// Whether the caller of a request may change something.
    func mayChange(_ request: ServerRequest) -> Bool {
        (try? gate.caller(request, for: .change)) != nil
    }

    private func call(
        _ request: ServerRequest,
        _ responder: Responder,
        for permission: ControlPermission,
        known: [String],
        _ body: (V3Query, ControlCaller) throws(ControlError) -> Void
    ) {
        do throws(ControlError) {
            let caller = try gate.caller(request, for: permission)
            do throws(ControlError) {
                try body(try V3Query(request, known: known), caller)
            } catch {
                refuse(request, responder, caller, error)
            }
        } catch {
            responder.answer(V3Answer.error(error))
        }
    }

    private func refuse(
        _ request: ServerRequest,
        _ responder: Responder,
        _ caller: ControlCaller,
        _ error: ControlError
    ) {
        let outcome: AuditRecord.Outcome = error.status < 500 ? .refused : .failed
        gate.audit("api.call", target: Self.target(request), by: caller, outcome: outcome, detail: error.detail)
        responder.answer(V3Answer.error(error))
    }

    private func audit(_ request: ServerRequest, _ responder: Responder) {
        let known = ["actor", "action", "target", "cursor", "limit"]
        read(request, responder, known: known) { query, _ throws(ControlError) in
            var wanted = AuditQuery(limit: 100)
            wanted.actor = query.list("actor")?.first
            wanted.action = query.list("action")?.first
            wanted.target = query.list("target")?.first
            wanted.limit = try query.number("limit", default: 100, atMost: 1000)
            wanted.cursor = try query.cursor()
            do throws(StoreError) {
                let page = try engine.store.audit(wanted)
                return .object([
                    .init("audit", .array(page.elements.map(Self.line))),
                    .init("next_cursor", page.next.map { .string(String($0)) } ?? .null),
                ])
            } catch {
                throw ControlError(error)
            }
        }
    }

    private static func line(_ record: AuditRecord) -> JSONValue {
        .object([
            .init("sequence", .number(record.sequence)), .init("date", V3Answer.time(record.date)),
            .init("actor", .string(record.actor)), .init("address", .optional(record.address)),
            .init("action", .string(record.action)), .init("target", .string(record.target)),
            .init("outcome", .string(record.outcome.rawValue)), .init("detail", .string(record.detail)),
        ])
    }

    private static func target(_ request: ServerRequest) -> String { "\(request.methodText) \(request.path)" }
}
