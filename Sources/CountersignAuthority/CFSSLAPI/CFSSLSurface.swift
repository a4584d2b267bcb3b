package import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTransport

/// The API of CFSSL (`/api/v1/cfssl/…`) in front of the authority, so that its clients work unchanged.
///
/// Safer than its model where that costs no client anything: whatever makes or changes something needs a proof of who
/// asks, a profile that is not there is an error, names have to be registered, and tokens are good once.
package struct CFSSLSurface: Sendable {
    let engine: AuthorityEngine
    let settings: CFSSLSettings
    let authentication: CFSSLAuthentication
    let publications: CFSSLPublications
    let keys: BackgroundWork

    /// A surface in front of an engine; `publications` are what is signed elsewhere and handed out here.
    package init(
        engine: AuthorityEngine,
        settings: CFSSLSettings,
        publications: CFSSLPublications = CFSSLPublications()
    ) {
        self.engine = engine
        self.settings = settings
        self.publications = publications
        self.authentication = CFSSLAuthentication(engine: engine, settings: settings)
        self.keys = BackgroundWork(name: "cfssl-keys", maximumThreads: 2, limit: settings.keyGenerations)
    }

    /// The routes of the API.
    package var routes: RouteList {
        var routes = RouteList()
        post("info", &routes) { request, responder throws(CFSSLError) in try info(request, responder) }
        post("sign", &routes) { request, responder throws(CFSSLError) in try sign(request, responder) }
        post("authsign", &routes) { request, responder throws(CFSSLError) in try authsign(request, responder) }
        post("newkey", &routes) { request, responder throws(CFSSLError) in try newkey(request, responder) }
        post("newcert", &routes) { request, responder throws(CFSSLError) in try newcert(request, responder) }
        post("certinfo", &routes) { request, responder throws(CFSSLError) in try certinfo(request, responder) }
        post("revoke", &routes) { request, responder throws(CFSSLError) in try revoke(request, responder) }
        routes.get("\(Self.base)health") { _, _ in
            CFSSLEnvelope.success(.object([.init("healthy", .bool(true))]))
        }
        if publications.revocationList != nil {
            routes.get("\(Self.base)crl") { request, _, responder in
                Self.run(responder) { () throws(CFSSLError) in responder.answer(try crl(request)) }
            }
        }
        return routes
    }

    /// A router of these routes alone.
    ///
    /// - Throws: `RouteError` for a mistake in the code.
    package func makeRouter() throws -> RequestRouter {
        try RequestRouter(routes) { request, fault in
            switch fault {
            case .notFound, .malformedPath: CFSSLEnvelope.notFound
            case .methodNotAllowed:
                CFSSLEnvelope.failure(
                    CFSSLError(status: 405, code: 405, "Method is not allowed:\"\(request.methodText.prefix(32))\"")
                )
            }
        }
    }

    /// Runs a handler, and answers with the refusal that it throws.
    static func run(_ responder: Responder, _ body: () throws(CFSSLError) -> Void) {
        do {
            try body()
        } catch {
            responder.answer(CFSSLEnvelope.failure(error))
        }
    }

    private func post(
        _ endpoint: String,
        _ routes: inout RouteList,
        _ handler: @escaping @Sendable (ServerRequest, Responder) throws(CFSSLError) -> Void
    ) {
        routes.post("\(Self.base)\(endpoint)") { request, _, responder in
            Self.run(responder) { () throws(CFSSLError) in try handler(request, responder) }
        }
    }

    private static let base = "/api/v1/cfssl/"
}

extension CFSSLSurface {
    /// The profile that a request is authenticated for, which has to be there.
    func profile(_ name: String?) throws(CFSSLError) -> IssuanceProfile {
        do {
            return try engine.profile(name ?? CFSSLSettings.defaultProfile)
        } catch {
            throw CFSSLError(error)
        }
    }

    /// The content of a request as an object of any members.
    func object(_ request: ServerRequest, complaint: String? = nil) throws(CFSSLError) -> JSONObject {
        do {
            return try JSONObject(try JSONValue(parsing: request.body), known: nil)
        } catch {
            throw CFSSLError(error, isEmpty: request.body.isEmpty, prefix: complaint)
        }
    }
}
