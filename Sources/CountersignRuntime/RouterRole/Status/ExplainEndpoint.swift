import CountersignHTTPServer
import CountersignIdentity
import CountersignJSON
import CountersignPKI
import CountersignPolicy
import CountersignRouter
import CountersignRouting
import CountersignTransport

/// `POST /explain` of a router's admin listener: what would become of a request, by the table and the domains in force.
///
/// Only callers of the same host are answered, as the answer tells who may call what.
enum ExplainEndpoint {
    /// Where the question is asked.
    static let path = "/explain"

    /// The routes of an admin listener that answer for a router.
    static func routes(for router: Router) -> RouteList {
        var list = RouteList()
        list.post(path) { request, _, responder in
            guard isLocal(request) else {
                responder.answer(problem(403, "explanations are for callers of this host"))
                return
            }
            do throws(JSONError) {
                answer(try question(JSONValue(parsing: request.body)), by: router, responder)
            } catch {
                responder.answer(problem(400, "\(error)"))
            }
        }
        return list
    }

    /// The question as this endpoint takes it.
    static func document(of request: ExplainedRequest) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("host", .string(request.host.description)), .init("method", .string(request.method)),
            .init("path", .string(request.path)),
        ]
        switch request.caller {
        case .certificates(let chain):
            members.append(.init("certificates", .strings(chain.map { PEMBlock(label: "CERTIFICATE", der: $0).text })))
        case .names(let subject, let id):
            let subject = subject.rendered(.rfc2253)
            if !subject.isEmpty { members.append(.init("subject", .string(subject))) }
            if let id { members.append(.init("spiffe_id", .string(id.description))) }
        }
        return .object(members)
    }

    private static func answer(_ request: ExplainedRequest, by router: Router, _ responder: Responder) {
        let found = router.domain(of: request.host)
        let domain = found.map { ExplainedRequest.Domain(name: $0.name, policy: $0.policy, verifier: $0.verifier) }
        // Verified here, so that the worker is asked for nothing but the route.
        let standing = request.standing(on: domain)
        router.findRoute(request.host, path: request.routedPath) { route in
            var explanation = request.explained(standing, on: domain, by: route)
            explanation.binding = binding(of: route, request, router)
            var response = ServerResponse.json(200, explanation.document.compactLine)
            response.fields = [("Cache-Control", "no-store")]
            responder.answer(response)
        }
    }

    private static func binding(of route: Route?, _ request: ExplainedRequest, _ router: Router) -> String? {
        switch route.flatMap(router.busBinding) {
        case .route(let owner): return "bound_policy: \(owner) of the control plane says who may call"
        case .enforcedDomain:
            return
                "bound_policy: a domain of the control plane enforces policies, or is not known yet, and no route of it "
                + "is for this host"
        case .free, nil: break
        }
        return router.refusedRegistration(request.host, path: request.routedPath).map {
            "owned_host: what the bus registers as \($0) takes no requests, as the file has a route that is for its host"
        }
    }

    private static func question(_ value: JSONValue) throws(JSONError) -> ExplainedRequest {
        let object = try JSONObject(
            value,
            known: ["host", "method", "path", "certificates", "subject", "spiffe_id"]
        )
        guard let host = HostName(hostHeader: Array(try object.requiredString("host").utf8).span) else {
            throw object.wrong("host", "a host")
        }
        let path = try object.string("path") ?? "/"
        guard path.hasPrefix("/") else { throw object.wrong("path", "a path, which begins with /") }
        return ExplainedRequest(
            caller: try caller(object),
            host: host,
            method: try object.string("method") ?? "GET",
            path: path
        )
    }

    private static func caller(_ object: JSONObject) throws(JSONError) -> ExplainedCaller {
        if let texts = try object.strings("certificates") {
            let text = Array(texts.joined(separator: "\n").utf8)
            let blocks = (try? PEMDocuments(parsing: text).blocks)?.filter { $0.label == "CERTIFICATE" } ?? []
            guard !blocks.isEmpty else { throw object.wrong("certificates", "certificates in PEM") }
            return .certificates(blocks.map(\.der))
        }
        let subject = try object.string("subject")
        let spiffeID = try object.string("spiffe_id")
        do throws(IdentityError) {
            var id: SPIFFEID?
            if let spiffeID { id = try SPIFFEID(parsing: spiffeID) }
            guard let subject else { return .names(subject: DistinguishedName(encodingOrder: []), spiffeID: id) }
            return .names(subject: try DistinguishedName(parsing: subject), spiffeID: id)
        } catch {
            throw object.wrong("subject", "a name in the form of RFC 2253, and spiffe_id a SPIFFE ID: \(error.message)")
        }
    }

    private static func isLocal(_ request: ServerRequest) -> Bool {
        (try? IPAddress(parsing: request.remote.host))?.isLoopback ?? false
    }

    private static func problem(_ status: Int, _ detail: String) -> ServerResponse {
        let document = JSONValue.object([.init("status", .number(Int64(status))), .init("detail", .string(detail))])
        return .json(status, document.compactLine)
    }
}
