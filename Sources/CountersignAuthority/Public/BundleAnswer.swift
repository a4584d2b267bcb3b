import CountersignHTTPServer
import CountersignJSON
import CountersignPKI

/// The trust bundle for whoever asks: bundles are no secret, and whoever uses one has to know where it comes from.
enum BundleAnswer {
    /// The trusted roots in PEM.
    static func pem(_ engine: AuthorityEngine, _ request: ServerRequest) -> ServerResponse {
        let response = ServerResponse(
            status: 200,
            contentType: "application/x-pem-file",
            fields: caching.fields(now: engine.clock.now()),
            body: Array(engine.issuer.trustBundlePEM.utf8)
        )
        return response.validated(by: ResponseValidators(entityTag: engine.issuer.bundleTag), for: request)
    }

    /// The intermediates that sign certificates and revocation lists, with those above them, in PEM.
    ///
    /// Who verifies a list needs the certificate of its issuer, also of one whose certificates it holds none of.
    static func intermediates(_ engine: AuthorityEngine, _ request: ServerRequest) -> ServerResponse {
        var seen: Set<[UInt8]> = []
        let certificates = engine.issuer.answering.flatMap(\.loaded).filter { seen.insert($0.der).inserted }
        let response = ServerResponse(
            status: 200,
            contentType: "application/x-pem-file",
            fields: caching.fields(now: engine.clock.now()),
            body: Array(certificates.map { PEMBlock.text(label: "CERTIFICATE", der: $0.der) }.joined().utf8)
        )
        let tag = engine.issuer.answering.map(\.subjectKeyIdentifierHex).joined(separator: "-")
        return response.validated(by: ResponseValidators(entityTag: "intermediates-\(tag)"), for: request)
    }

    /// The bundle as a SPIFFE bundle endpoint serves it: a JWK set (SPIFFE Federation section 5).
    static func spiffe(_ engine: AuthorityEngine, _ request: ServerRequest) -> ServerResponse {
        do throws(PKIError) {
            var bundle = try SPIFFEBundle(pem: Array(engine.issuer.trustBundlePEM.utf8))
            bundle.refreshHintSeconds = caching.seconds
            let tokens = engine.tokenKeys.current
            let document = try bundle.json(tokenKeys: tokens?.bundleKeys ?? [])
            var response = ServerResponse.json(200, document.compactBytes)
            response.fields += caching.fields(now: engine.clock.now())
            let tag = "jwks-\(engine.issuer.bundleTag)\(tokens.map { "-\($0.tag)" } ?? "")"
            return response.validated(by: ResponseValidators(entityTag: tag), for: request)
        } catch {
            return .text(500, "500 Internal Server Error: the bundle cannot be written")
        }
    }

    /// Readers of bundles look for a new one so often (SPIFFE Trust Domain and Bundle section 4.1.2).
    private static let caching = PublicCaching(seconds: 300)
}
