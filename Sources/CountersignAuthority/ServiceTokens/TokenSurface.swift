package import CountersignHTTPServer
import CountersignJSON
import CountersignPKI
import CountersignTransport

/// The part of the native API that gives tokens, and the documents that verify them.
package struct TokenSurface: Sendable {
    private let desk: TokenDesk

    package init(desk: TokenDesk) {
        self.desk = desk
    }

    /// The routes of the native listener.
    package var nativeRoutes: RouteList {
        var routes = publicRoutes
        routes.post("/v1/tokens") { request, _, responder in issue(request, responder) }
        routes.post("/v1/jwt-svids") { request, _, responder in issueSVID(request, responder) }
        return routes
    }

    /// The routes of the public listener, which are on the native one as well.
    package var publicRoutes: RouteList {
        var routes = RouteList()
        routes.get(PublicPaths.keySet) { request, _ in keySet(request) }
        if let url = desk.engine.settings.publicURL {
            routes.get(PublicPaths.issuerMetadata) { request, _ in metadata(url, request) }
        }
        return routes
    }

    private func issue(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let peer = try Self.peer(request)
            let known = ["audiences", "roles", "scopes", "ttl_seconds"]
            let order = try TokenOrder(reading: try APIHandling.object(request, known: known, allowsNull: false))
            desk.issue(order, to: peer, address: request.remote.host) { end(responder, $0, "token") }
        }
    }

    private func issueSVID(_ request: ServerRequest, _ responder: Responder) {
        APIHandling.run(responder) {
            let peer = try Self.peer(request)
            let known = ["audiences", "service", "ttl_seconds"]
            let order = try TokenOrder(reading: try APIHandling.object(request, known: known, allowsNull: false))
            desk.issueSVID(order, to: peer, address: request.remote.host) { end(responder, $0, "svid") }
        }
    }

    private func end(_ responder: Responder, _ result: Result<IssuedToken, AuthorityError>, _ member: String) {
        switch result {
        case .success(let token): APIHandling.answer(responder, 201, token.json(member))
        case .failure(let error): responder.answer(ProblemDetails(error).response)
        }
    }

    private static func peer(_ request: ServerRequest) throws(AuthorityError) -> VerifiedPeer {
        guard let peer = request.peer else {
            throw AuthorityError(.unauthenticated, "this call needs a client certificate of the authority")
        }
        return peer
    }

    /// The public keys (RFC 7517 section 5).
    private func keySet(_ request: ServerRequest) -> ServerResponse {
        guard let content = desk.engine.tokenKeys.current else {
            return .text(503, "503 Service Unavailable: there are no keys yet")
        }
        var response = ServerResponse.json(200, content.document)
        response.fields += Self.caching.fields(now: desk.engine.clock.now())
        return response.validated(by: ResponseValidators(entityTag: content.tag), for: request)
    }

    /// What a verifier has to know of the issuer (RFC 8414; RFC 8705 section 3.3).
    private func metadata(_ url: String, _ request: ServerRequest) -> ServerResponse {
        let document = JSONValue.object([
            .init("issuer", .string(desk.settings.issuer)),
            .init("jwks_uri", .string(url + PublicPaths.keySet)),
            .init("response_types_supported", .array([])),
            .init("grant_types_supported", .array([])),
            .init("tls_client_certificate_bound_access_tokens", .bool(true)),
        ])
        var response = ServerResponse.json(200, document.compactBytes)
        response.fields += Self.caching.fields(now: desk.engine.clock.now())
        return response
    }

    /// Far below the time that a key is published before it signs.
    private static let caching = PublicCaching(seconds: 60)
}
