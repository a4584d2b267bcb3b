import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignJSON

extension AdminSurface {
    /// `/api/admin/services` and `/api/admin/agents`.
    func addServices(to routes: inout RouteList) {
        routes.get("/api/admin/services") { request, _, responder in
            read(request, responder) { _ in
                let services = engine.registry.services.values.sorted { $0.name < $1.name }
                return .object([.init("services", .array(services.map(AdminJSON.service)))])
            }
        }
        routes.get("/api/admin/services/{service}") { request, path, responder in
            read(request, responder) { _ in AdminJSON.service(try engine.service(path["service"])) }
        }
        routes.post("/api/admin/services") { request, _, responder in put(nil, request, responder) }
        routes.put("/api/admin/services/{service}") { request, path, responder in
            put(path["service"], request, responder)
        }
        routes.delete("/api/admin/services/{service}") { request, path, responder in
            call(request, responder, for: .administer) { caller in
                engine.removeService(path["service"], by: caller) { end(responder, 204, $0) { _ in nil } }
            }
        }
        routes.get("/api/admin/agents") { request, _, responder in
            read(request, responder) { _ in
                let agents = engine.registry.agents.values.sorted { $0.name < $1.name }
                return .object([.init("agents", .array(agents.map(AdminJSON.agent)))])
            }
        }
        routes.delete("/api/admin/agents/{agent}") { request, path, responder in
            call(request, responder, for: .administer) { caller in
                engine.removeAgent(path["agent"], by: caller) { end(responder, 204, $0) { _ in nil } }
            }
        }
    }

    private func put(_ name: String?, _ request: ServerRequest, _ responder: Responder) {
        call(request, responder, for: .administer) { caller in
            var known = [
                "namespace", "spiffe_id", "profile", "dns_names", "ip_addresses", "owner", "labels", "audiences",
                "roles",
                "scopes",
            ]
            if name == nil { known.append("name") }
            let object = try APIHandling.object(request, known: known, allowsNull: false)
            if let name, !AdminNames.isService(name) { throw JSONError(at: "path", AdminNames.serviceRule) }
            let service = try ServiceRegistration(
                reading: object,
                name: try name ?? AdminNames.service("name", object),
                settings: engine.settings
            )
            let status = name == nil ? 201 : 200
            engine.put(service, isNew: name == nil, by: caller) { end(responder, status, $0, AdminJSON.service) }
        }
    }
}

extension ServiceRegistration {
    /// Reads a registration with the names that it has unless told otherwise.
    ///
    /// - Throws: ``JSONError`` that names the member.
    init(reading object: JSONObject, name: String, settings: AuthoritySettings) throws(JSONError) {
        let namespace =
            try object["namespace"].map { _ throws(JSONError) in
                try AdminNames.service("namespace", object)
            } ?? "default"
        func parse<Value>(_ member: String, _ make: () throws -> Value) throws(JSONError) -> Value {
            do {
                return try make()
            } catch let error as IdentityError {
                throw object.wrong(member, error.message)
            } catch {
                throw object.wrong(member, "\(error)")
            }
        }
        let text = try object.text("spiffe_id", atMost: SPIFFEID.maximumLength)
        let id = try parse(text == nil ? "name" : "spiffe_id") {
            try text.map { try SPIFFEID(parsing: $0) }
                ?? SPIFFEID.workload(
                    trustDomain: settings.trustDomain,
                    namespace: namespace,
                    serviceAccount: name
                )
        }
        guard id.trustDomain == settings.trustDomain, id.namesWorkload else {
            throw object.wrong("spiffe_id", "a SPIFFE ID of a workload in the trust domain \(settings.trustDomain)")
        }
        guard !settings.isReserved(id) else {
            throw object.wrong("spiffe_id", "another than those of the authority and of agents")
        }
        let standard = [name, "\(name).\(settings.domain)"].filter { (try? HostPattern(parsing: $0)) != nil }
        var dnsNames: [String] = []
        for name in try object.strings("dns_names", atMost: 100) ?? standard {
            dnsNames.append(try parse("dns_names") { try HostPattern(parsing: name).description })
        }
        var addresses: [IPAddress] = []
        for address in try object.strings("ip_addresses", atMost: 100) ?? [] {
            addresses.append(try parse("ip_addresses") { try IPAddress(parsing: address) })
        }
        self.init(
            name: name,
            namespace: namespace,
            spiffeID: id,
            profile: try object.text("profile", atMost: AdminNames.longest) ?? "default",
            dnsNames: dnsNames,
            addresses: addresses,
            owner: try object.text("owner", atMost: AdminNames.longestText),
            labels: try Self.labels(object),
            tokens: try TokenGrant(reading: object),
            origin: .api
        )
    }

    private static func labels(_ object: JSONObject) throws(JSONError) -> [String: String] {
        let labels = try object.stringMap("labels", atMost: maximumLabels) ?? [:]
        let limit = AdminNames.longestText
        guard labels.allSatisfy({ !$0.key.isEmpty && $0.key.unicodeScalars.count <= limit }),
            labels.values.allSatisfy({ $0.unicodeScalars.count <= limit })
        else { throw object.wrong("labels", "names of 1 to \(limit) characters with values of at most \(limit)") }
        return labels
    }
}

extension TokenGrant {
    /// Reads `audiences`, `roles` and `scopes`.
    ///
    /// - Throws: ``JSONError`` that names the member.
    fileprivate init(reading object: JSONObject) throws(JSONError) {
        func list(_ name: String, _ rule: String, _ isGood: (String) -> Bool) throws(JSONError) -> [String] {
            let values = try object.strings(name, atMost: Self.maximumValues) ?? []
            guard values.allSatisfy(isGood) else { throw object.wrong(name, rule) }
            return values
        }
        self.init(
            audiences: try list("audiences", Self.textRule, Self.isText),
            roles: try list("roles", Self.textRule, Self.isText),
            scopes: try list("scopes", Self.scopeRule, Self.isScope)
        )
    }
}
