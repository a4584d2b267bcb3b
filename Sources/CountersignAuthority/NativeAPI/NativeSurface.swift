package import CountersignHTTPServer
import CountersignIdentity
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTransport

/// The authority's native API: JSON over TLS, callers known by their certificates.
package struct NativeSurface: Sendable {
    private let engine: AuthorityEngine
    private let feed: RevocationBroadcast
    private let publisher: RevocationPublisher
    private let rotation: RotationDesk
    private let tokens: TokenSurface?

    package init(
        engine: AuthorityEngine,
        feed: RevocationBroadcast,
        publisher: RevocationPublisher,
        rotation: RotationDesk,
        tokens: TokenDesk? = nil
    ) {
        self.tokens = tokens.map(TokenSurface.init)
        self.engine = engine
        self.feed = feed
        self.publisher = publisher
        self.rotation = rotation
    }

    /// The routes of the API.
    package var routes: RouteList {
        var routes = RouteList()
        routes.post("/v1/join") { request, _, responder in join(request, responder) }
        routes.post("/v1/renew") { request, _, responder in renew(request, responder) }
        routes.post("/v1/sign") { request, _, responder in sign(request, responder) }
        routes.post("/v1/issue") { request, _, responder in issue(request, responder) }
        routes.post("/v1/revoke") { request, _, responder in revoke(request, responder) }
        routes.get("/v1/services") { request, _, responder in services(request, responder) }
        routes.get("/v1/services/{service}") { request, path, responder in
            service(path["service"], request, responder)
        }
        routes.get("/v1/bundle") { request, _ in BundleAnswer.pem(engine, request) }
        routes.get("/v1/intermediates") { request, _ in BundleAnswer.intermediates(engine, request) }
        routes.get("/v1/revocation-lists") { request, _ in RevocationListsAnswer.pem(engine, publisher, request) }
        routes.get(PublicPaths.spiffeBundle) { request, _ in BundleAnswer.spiffe(engine, request) }
        routes.get("/v1/revocations") { request, _, responder in revocations(request, responder) }
        if let tokens { routes.append(contentsOf: tokens.nativeRoutes) }
        routes.get("/v1/revocations/stream") { request, _, responder in follow(request, responder) }
        return routes
    }

    /// A router whose errors are problem details, except where `fault` has another answer.
    ///
    /// - Throws: `RouteError` for a mistake in the code.
    package static func makeRouter(
        _ routes: RouteList,
        fault: @escaping @Sendable (ServerRequest, RouteFault) -> ServerResponse? = { _, _ in nil }
    ) throws -> RequestRouter {
        try RequestRouter(routes) { request, found in fault(request, found) ?? APIHandling.fault(request, found) }
    }

    // MARK: Certificates

    private func join(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let object = try APIHandling.object(request, known: ["token", "csr"])
            let secret = TokenSecret(shown: try object.requiredString("token"))
            let csr = try SigningRequest(pem: Array(try object.requiredString("csr").utf8))
            let caller = Caller(.anonymous, address: request.remote.host)
            engine.join(secret, csr, from: caller) { finish(responder, $0) }
        }
    }

    private func renew(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let caller = try authenticated(request)
            let object = try APIHandling.object(request, known: ["csr"])
            let csr = try SigningRequest(pem: Array(try object.requiredString("csr").utf8))
            let holder: IssuanceOrder.Holder
            switch caller.identity {
            case .service(let name): holder = .service(name)
            case .agent(let name):
                guard let agent = engine.registry.agents[name] else {
                    throw AuthorityError(.unknownAgent, "the agent '\(name)' was removed; it has to join again")
                }
                holder = .agent(agent)
            default: throw AuthorityError(.forbidden, "\(caller.name) is neither a registered service nor an agent")
            }
            engine.issue(IssuanceOrder(holder: holder, key: .request(csr), channel: .native), for: caller) {
                finish(responder, $0)
            }
        }
    }

    private func sign(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let caller = try authenticated(request)
            let known = ["service", "csr", "profile", "ttl_seconds", "dns_names"]
            let object = try APIHandling.object(request, known: known)
            let csr = try SigningRequest(pem: Array(try object.requiredString("csr").utf8))
            engine.issue(try order(object, key: .request(csr)), for: caller) { finish(responder, $0) }
        }
    }

    private func issue(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let caller = try authenticated(request)
            let known = ["service", "key_type", "profile", "ttl_seconds", "dns_names"]
            let object = try APIHandling.object(request, known: known)
            var kind: PrivateKey.Kind?
            if let name = try object.string("key_type") {
                kind = PrivateKey.Kind(rawValue: name)
                guard kind != nil else {
                    let kinds = PrivateKey.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw object.wrong("key_type", "one of \(kinds)")
                }
            }
            engine.issue(try order(object, key: .generated(kind)), for: caller) { finish(responder, $0) }
        }
    }

    private func order(_ object: JSONObject, key: IssuanceOrder.Key) throws -> IssuanceOrder {
        var order = IssuanceOrder(
            holder: .service(try object.requiredString("service")),
            key: key,
            channel: .native
        )
        order.profile = try object.string("profile")
        order.lifetimeSeconds = try object.integer("ttl_seconds")
        order.dnsNames = try object.strings("dns_names", atMost: CertificateProfile.maximumNames)
        return order
    }

    private func finish(_ responder: Responder, _ result: Result<Issuance, AuthorityError>) {
        switch result {
        case .success(let issuance):
            APIHandling.answer(responder, 201, issuance.json(trustBundlePEM: engine.issuer.trustBundlePEM))
        case .failure(let error): responder.answer(ProblemDetails(error).response)
        }
    }

    // MARK: Services

    private func services(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let caller = try authenticated(request)
            let visible = engine.servicesVisible(to: caller).map(json)
            APIHandling.answer(responder, 200, .object([.init("services", .array(visible))]))
        }
    }

    private func service(_ name: String, _ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let caller = try authenticated(request)
            guard let service = engine.servicesVisible(to: caller).first(where: { $0.name == name }) else {
                throw AuthorityError(.unknownService, "no service '\(name.prefix(128))' that \(caller.name) may see")
            }
            APIHandling.answer(responder, 200, json(service))
        }
    }

    private func json(_ service: ServiceRegistration) -> JSONValue {
        .object([
            .init("name", .string(service.name)),
            .init("namespace", .string(service.namespace)),
            .init("spiffe_id", .string(service.spiffeID.description)),
            .init("profile", .string(service.profile)),
            .init("dns_names", .strings(service.dnsNames)),
            .init("rotation_requested_at", rotation.requestedAt(service.name).map(AdminJSON.time) ?? .null),
        ])
    }

    // MARK: Revocation

    private func revoke(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let caller = try authenticated(request)
            let object = try APIHandling.object(request, known: ["serial", "service", "reason"])
            let order = try RevocationOrder(reading: object)
            engine.revoke(order, by: caller) { result in
                switch result {
                case .success(let (events, _)):
                    let revoked = JSONValue.array(events.map { .object($0.members) })
                    APIHandling.answer(responder, 200, .object([.init("revoked", revoked)]))
                case .failure(let error): responder.answer(ProblemDetails(error).response)
                }
            }
        }
    }

    private func revocations(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            _ = try authenticated(request)
            let (after, epoch) = try Self.position(request)
            APIHandling.answer(responder, 200, feed.page(after: after, epoch: epoch))
        }
    }

    private func follow(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let caller = try authenticated(request)
            let (after, epoch) = try Self.position(request)
            feed.follow(responder, caller: caller, serial: request.peer?.serialHex, after: after, epoch: epoch)
        }
    }

    private static func position(_ request: ServerRequest) throws(JSONError) -> (after: Int64, epoch: String?) {
        guard let text = request.queryValue("after") else { return (0, request.queryValue("epoch")) }
        guard let after = Int64(text), after >= 0 else {
            throw JSONError(at: "after", "expected the sequence of a revocation, 0 or more")
        }
        return (after, request.queryValue("epoch"))
    }

    private func authenticated(_ request: ServerRequest) throws(AuthorityError) -> Caller {
        guard let peer = request.peer else {
            throw AuthorityError(.unauthenticated, "this call needs a client certificate of the authority")
        }
        return try engine.caller(peer, address: request.remote.host)
    }
}
