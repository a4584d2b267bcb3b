package import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI

/// The admin API: inventory, services, agents, tokens and the audit trail, for people and their tools.
///
/// The same routes are served on the admin listener, where callers show bearer tokens, and on the native listener,
/// where they may show certificates.
package struct AdminSurface: Sendable {
    let engine: AuthorityEngine
    let rotation: RotationDesk

    package init(engine: AuthorityEngine, rotation: RotationDesk) {
        self.engine = engine
        self.rotation = rotation
    }

    /// The routes of the API.
    package var routes: RouteList {
        var routes = RouteList()
        addCertificates(to: &routes)
        addServices(to: &routes)
        addTokens(to: &routes)
        routes.get("/api/admin/audit") { request, _, responder in audit(request, responder) }
        routes.get("/api/admin/openapi.json") { request, _ in
            ServerResponse.json(200, AdminOpenAPI.document)
                .validated(by: ResponseValidators(entityTag: AdminOpenAPI.entityTag, lastModified: nil), for: request)
        }
        return routes
    }

    /// Runs a call that answers at once, after its caller was found to have the permission; reading is audited, too.
    func read(
        _ request: ServerRequest,
        _ responder: Responder,
        _ body: (_ now: Int64) throws -> JSONValue
    ) {
        APIHandling.run(responder) {
            let caller = try engine.administrator(request, for: .read)
            let document = try Self.unwrapped { try body(engine.clock.now()) }
            engine.audit("api.read", target: "\(request.methodText) \(request.path)", by: caller, outcome: .done)
            APIHandling.answer(responder, 200, document)
        }
    }

    /// Ends a call with the result of the engine.
    func end<Value>(
        _ responder: Responder,
        _ status: Int,
        _ result: Result<Value, AuthorityError>,
        _ document: (Value) -> JSONValue?
    ) {
        switch result {
        case .success(let value):
            if let document = document(value) {
                APIHandling.answer(responder, status, document)
            } else {
                responder.answer(.empty(204))
            }
        case .failure(let error): responder.answer(ProblemDetails(error).response)
        }
    }

    private func audit(_ request: ServerRequest, _ responder: Responder) {
        read(request, responder) { _ in
            let parameters = try QueryParameters(
                request,
                known: ["actor", "action", "target", "outcome", "cursor", "limit"]
            )
            var query = AuditQuery(limit: try parameters.limit())
            query.cursor = try parameters.cursor()
            query.actor = parameters["actor"]
            query.action = parameters["action"]
            query.target = parameters["target"]
            query.outcome = try parameters.choice("outcome")
            return AdminJSON.page("audit", try engine.store.audit(query), AdminJSON.audit)
        }
    }

    /// Lets a store's error be told as the authority's.
    static func unwrapped<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as StoreError {
            throw AuthorityError(error)
        }
    }
}
