package import CountersignHTTPServer
import CountersignPKI

/// What anybody may read, over plain HTTP: revocation lists, OCSP, the issuer's certificate and the trust bundle.
///
/// Everything here is signed, or verified by other means by those who use it (RFC 5280 section 8).
package struct PublicSurface: Sendable {
    private let engine: AuthorityEngine
    private let publisher: RevocationPublisher

    package init(engine: AuthorityEngine, publisher: RevocationPublisher) {
        self.engine = engine
        self.publisher = publisher
    }

    /// The routes of the surface.
    package var routes: RouteList {
        var routes = RouteList()
        let keyID = engine.issuer.keyID
        routes.get(PublicPaths.revocationList(keyID)) { request, _ in list(request, "full") { $0.full } }
        routes.get(PublicPaths.deltaRevocationList(keyID)) { request, _ in list(request, "delta") { $0.delta } }
        routes.get("/crl") { request, _ in list(request, "full") { $0.full } }
        routes.get("/ca/\(keyID).crt") { _, _ in
            ServerResponse(
                status: 200,
                contentType: "application/pkix-cert",
                fields: [("Cache-Control", "public, max-age=86400")],
                body: engine.issuer.authority.certificate.der
            )
        }
        routes.get("/v1/bundle") { request, _ in NativeSurface.bundle(engine, request) }
        return routes
    }

    private func list(
        _ request: ServerRequest,
        _ kind: String,
        _ choose: (PublishedLists) -> [UInt8]?
    ) -> ServerResponse {
        guard let lists = publisher.lists, let body = choose(lists) else {
            return .text(404, "404 Not Found: there is no such revocation list yet")
        }
        // Short, so that a revocation reaches those who ask again; a list itself is good for longer.
        let response = ServerResponse(
            status: 200,
            contentType: "application/pkix-crl",
            fields: [
                ("Cache-Control", "public, max-age=\(Self.listAge), must-revalidate"),
            ],
            body: body
        )
        return response.validated(
            by: ResponseValidators(entityTag: "\(kind)-\(lists.number)", lastModified: lists.thisUpdate),
            for: request
        )
    }

    private static let listAge = 30
}
