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
    let tokens: TokenDesk?
    private let description: AdminOpenAPI

    package init(engine: AuthorityEngine, rotation: RotationDesk, tokens: TokenDesk? = nil) {
        self.tokens = tokens
        self.engine = engine
        self.rotation = rotation
        self.description = AdminOpenAPI(engine.settings)
    }

    /// The answer for a path or method below `/api/` that there is not: a problem, as of every other call there; nil for
    /// other paths.
    package static func fault(_ request: ServerRequest, _ fault: RouteFault) -> ServerResponse? {
        request.path.hasPrefix("/api/") ? APIHandling.fault(request, fault) : nil
    }

    /// The routes of the API.
    package var routes: RouteList {
        var routes = RouteList()
        addCertificates(to: &routes)
        addSigning(to: &routes)
        addServices(to: &routes)
        addTokens(to: &routes)
        addTokenKeys(to: &routes)
        routes.get("/api/admin/audit") { request, _, responder in audit(request, responder) }
        routes.get("/api/admin/openapi.json") { request, _ in
            do throws(JSONError) {
                _ = try QueryParameters(request, known: [])
            } catch {
                return ProblemDetails(error).response
            }
            return ServerResponse.json(200, description.document)
                .validated(by: ResponseValidators(entityTag: description.entityTag, lastModified: nil), for: request)
        }
        return routes
    }

    /// Runs a call that answers at once, after its caller was found to have the permission; reading is audited, too.
    func read(
        _ request: ServerRequest,
        _ responder: Responder,
        takesQuery: Bool = false,
        _ body: (_ now: Int64) throws -> JSONValue
    ) {
        call(request, responder, for: .read, takesQuery: takesQuery) { caller in
            let document = try body(engine.clock.now())
            engine.audit("api.read", target: Self.target(request), by: caller, outcome: .done)
            APIHandling.answer(responder, 200, document)
        }
    }

    /// Runs a call after its caller was found to have the permission.
    ///
    /// What `body` throws is answered and audited; what it hands to the engine, the engine audits.
    ///
    /// - Parameter takesQuery: whether `body` reads the query; of any other call, a query is refused.
    func call(
        _ request: ServerRequest,
        _ responder: Responder,
        for permission: AdminPermission,
        takesQuery: Bool = false,
        _ body: (Caller) throws -> Void
    ) {
        APIHandling.run(responder) {
            let caller = try engine.administrator(request, for: permission)
            do {
                if !takesQuery { _ = try QueryParameters(request, known: []) }
                try body(caller)
            } catch {
                let problem = APIHandling.problem(error)
                let outcome: AuditRecord.Outcome = problem.status < 500 ? .refused : .failed
                engine.audit(
                    "api.call",
                    target: Self.target(request),
                    by: caller,
                    outcome: outcome,
                    detail: problem.detail
                )
                throw error
            }
        }
    }

    private static func target(_ request: ServerRequest) -> String {
        "\(request.methodText) \(request.path)"
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
        read(request, responder, takesQuery: true) { _ in
            let parameters = try QueryParameters(
                request,
                known: ["actor", "action", "target", "outcome", "cursor", "limit"]
            )
            var query = AuditQuery(limit: try parameters.limit())
            query.cursor = try parameters.cursor()
            query.actor = try parameters.text("actor", atMost: 256)
            query.action = try parameters.text("action", atMost: 64)
            query.target = try parameters.text("target", atMost: 256)
            query.outcome = try parameters.choice("outcome")
            return AdminJSON.page("audit", try engine.store.audit(query), AdminJSON.audit)
        }
    }
}
