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
            APIHandling.run(responder) {
                let caller = try engine.administrator(request, for: .administer)
                engine.removeToken(path["name"], by: caller) { end(responder, 204, $0) { _ in nil } }
            }
        }
    }

    private func make(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let caller = try engine.administrator(request, for: .administer)
            let known = ["name", "kind", "agent", "services", "role", "ttl_seconds"]
            let object = try APIHandling.object(request, known: known)
            let name = try Self.name("name", object)
            let kind = try kind(object)
            let lifetime = try object.integer("ttl_seconds")
            if let lifetime, !(1...Self.longestLifetime).contains(lifetime) {
                throw object.wrong("ttl_seconds", "1 to \(Self.longestLifetime)")
            }
            var seconds = lifetime
            if case .join = kind { seconds = lifetime ?? Self.joinLifetime }
            engine.makeToken(name: name, kind: kind, lifetimeSeconds: seconds, by: caller) { result in
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
            let services = try object.strings("services", atMost: 1000) ?? []
            for service in services { _ = try engine.service(service) }
            return .join(agent: try Self.name("agent", object), services: services)
        case "bearer":
            guard let role = AdminRole(rawValue: try object.requiredString("role")), role != .service else {
                throw object.wrong("role", "one of admin, operator, auditor")
            }
            return .bearer(role)
        default: throw object.wrong("kind", "join or bearer")
        }
    }

    private static func name(_ member: String, _ object: JSONObject) throws(JSONError) -> String {
        let name = try object.requiredString(member)
        let isGood =
            name.utf8.count <= 128
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isGood, name != ".", name != ".." else {
            throw object.wrong(member, "1 to 128 letters, digits, dots, hyphens and underscores")
        }
        return name
    }

    private static let longestLifetime: Int64 = 10 * 366 * 86_400
    /// A join token that nobody used within an hour is of no use to anybody but a thief.
    private static let joinLifetime: Int64 = 3600
}
