import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON

extension AdminSurface {
    /// `/api/admin/tokens`.
    func addTokens(to routes: inout RouteList) {
        routes.get("/api/admin/tokens") { request, _, responder in
            read(request, responder) { _ in
                .object([.init("tokens", .array(try engine.store.tokens().map(AdminJSON.token)))])
            }
        }
        routes.post("/api/admin/tokens") { request, _, responder in make(request, responder) }
        routes.delete("/api/admin/tokens/{name}") { request, path, responder in
            call(request, responder, for: .administer, takesQuery: true) { caller in
                let isForced = try QueryParameters(request, known: ["force"]).flag("force") ?? false
                engine.removeToken(path["name"], evenLast: isForced, by: caller) { result in
                    end(responder, 204, result) { _ in nil }
                }
            }
        }
    }

    private func make(_ request: ServerRequest, _ responder: Responder) {
        call(request, responder, for: .administer) { caller in
            let known = ["name", "kind", "agent", "services", "role", "ttl_seconds"]
            let object = try APIHandling.object(request, known: known, allowsNull: false)
            let name = try AdminNames.token("name", object)
            let kind = try kind(object)
            let lifetime = try object.integer("ttl_seconds")
            if let lifetime, !(1...Self.longestLifetime).contains(lifetime) {
                throw object.wrong("ttl_seconds", "1 to \(Self.longestLifetime)")
            }
            let standard = if case .join = kind { Self.joinLifetime } else { Self.bearerLifetime }
            engine.makeToken(name: name, kind: kind, lifetimeSeconds: lifetime ?? standard, by: caller) { result in
                end(responder, 201, result) { token, secret in
                    guard case .object(let members) = AdminJSON.token(token) else { return nil }
                    return .object(members + [.init("token", .string(secret.reveal()))])
                }
            }
        }
    }

    private func kind(_ object: JSONObject) throws -> AccessToken.Kind {
        switch try object.requiredString("kind") {
        case "join":
            guard object["role"] == nil else { throw object.wrong("role", "nothing: a join token has no role") }
            let services = try object.strings("services", atMost: 1000) ?? []
            for service in services { _ = try engine.service(service) }
            return .join(agent: try AdminNames.token("agent", object), services: services)
        case "bearer":
            guard let role = AdminRole(rawValue: try object.requiredString("role")), role != .service else {
                throw object.wrong("role", "one of admin, operator, auditor")
            }
            for member in ["agent", "services"] where object[member] != nil {
                throw object.wrong(member, "nothing: a bearer token is not for agents")
            }
            return .bearer(role)
        default: throw object.wrong("kind", "join or bearer")
        }
    }

    private static let longestLifetime: Int64 = 10 * 366 * 86_400
    /// A join token that nobody used within an hour is of no use to anybody but a thief.
    private static let joinLifetime: Int64 = 3600
    /// A bearer token that was forgotten somewhere does not open the API for ever: 90 days.
    private static let bearerLifetime: Int64 = 90 * 86_400
}
