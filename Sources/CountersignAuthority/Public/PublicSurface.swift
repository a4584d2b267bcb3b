package import CountersignHTTPServer
import CountersignJSON
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
        OCSPSurface(engine: engine).add(to: &routes)
        routes.get("/v1/spiffe-bundle") { request, _ in spiffeBundle(request) }
        routes.get("/v1/bundle") { request, _ in NativeSurface.bundle(engine, request) }
        return routes
    }

    /// The bundle as a SPIFFE bundle endpoint serves it: a JWKS.
    private func spiffeBundle(_ request: ServerRequest) -> ServerResponse {
        do throws(PKIError) {
            var bundle = try SPIFFEBundle(pem: Array(engine.issuer.trustBundlePEM.utf8))
            bundle.refreshHintSeconds = Self.refreshHint
            var response = ServerResponse.json(200, Array(try bundle.json().compact.utf8))
            response.fields.append((name: "Cache-Control", value: "public, max-age=\(Self.refreshHint)"))
            return response.validated(
                by: ResponseValidators(entityTag: "jwks-\(engine.issuer.bundleTag)", lastModified: nil),
                for: request
            )
        } catch {
            return .text(500, "500 Internal Server Error: the bundle cannot be written")
        }
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
                ("Cache-Control", "public, max-age=\(Self.listAge), must-revalidate")
            ],
            body: body
        )
        return response.validated(
            by: ResponseValidators(entityTag: "\(kind)-\(lists.number)", lastModified: lists.thisUpdate),
            for: request
        )
    }

    private static let refreshHint: Int64 = 300
    private static let listAge = 30
}
