package import CountersignHTTPServer
import CountersignJSON
import CountersignPKI

/// What anybody may read, over plain HTTP: revocation lists, OCSP, the issuer's certificate and the trust bundle.
///
/// Everything here is signed, or verified by other means by those who use it (RFC 5280 section 8).
package struct PublicSurface: Sendable {
    private let engine: AuthorityEngine
    private let publisher: RevocationPublisher
    private let ocsp: OCSPSurface
    private let tokens: TokenSurface?

    package init(engine: AuthorityEngine, publisher: RevocationPublisher, tokens: TokenDesk? = nil) {
        self.tokens = tokens.map(TokenSurface.init)
        self.engine = engine
        self.publisher = publisher
        self.ocsp = OCSPSurface(engine: engine)
    }

    /// What answers the requests of the surface.
    ///
    /// - Throws: `RouteError` for a mistake in the code.
    package func makeHandler() throws -> @Sendable (ServerRequest, Responder) -> Void {
        let router = try RequestRouter(routes)
        return { request, responder in
            if let answer = ocsp.answer(get: request) {
                responder.answer(answer)
            } else {
                router.handle(request, responder)
            }
        }
    }

    /// All there is but OCSP by GET.
    private var routes: RouteList {
        var routes = RouteList()
        for issuer in engine.issuer.answering { add(issuer, to: &routes) }
        let current = engine.issuer.keyID
        routes.get("/crl") { request, _ in list(request, current, "full") { $0.full } }
        ocsp.add(to: &routes)
        routes.get(PublicPaths.spiffeBundle) { request, _ in BundleAnswer.spiffe(engine, request) }
        routes.get("/v1/bundle") { request, _ in BundleAnswer.pem(engine, request) }
        if let tokens { routes.append(contentsOf: tokens.publicRoutes) }
        return routes
    }

    /// The lists of an issuer and its certificate.
    private func add(_ issuer: IssuingAuthority, to routes: inout RouteList) {
        let keyID = issuer.subjectKeyIdentifierHex
        routes.get(PublicPaths.revocationList(keyID)) { request, _ in list(request, keyID, "full") { $0.full } }
        routes.get(PublicPaths.deltaRevocationList(keyID)) { request, _ in list(request, keyID, "delta") { $0.delta } }
        routes.get("/ca/\(keyID).crt") { request, _ in
            ServerResponse(
                status: 200,
                contentType: "application/pkix-cert",
                fields: caching(Self.certificateAge),
                body: issuer.certificate.der
            )
            .validated(by: ResponseValidators(entityTag: keyID), for: request)
        }
    }

    /// How long caches may keep an answer from now on.
    private func caching(_ seconds: Int64) -> [(name: String, value: String)] {
        PublicCaching(seconds: seconds).fields(now: engine.clock.now())
    }

    private func list(
        _ request: ServerRequest,
        _ keyID: String,
        _ kind: String,
        _ choose: (PublishedLists) -> [UInt8]
    ) -> ServerResponse {
        guard let lists = publisher.lists(ofIssuer: keyID) else {
            return .text(404, "404 Not Found: there is no such revocation list yet")
        }
        // Short, so that a revocation reaches those who ask again; a list itself is good for longer.
        let response = ServerResponse(
            status: 200,
            contentType: "application/pkix-crl",
            fields: caching(Self.listAge),
            body: choose(lists)
        )
        return response.validated(
            by: ResponseValidators(entityTag: "\(kind)-\(lists.number)", lastModified: lists.thisUpdate),
            for: request
        )
    }

    private static let listAge: Int64 = 30
    private static let certificateAge: Int64 = 86_400
}
