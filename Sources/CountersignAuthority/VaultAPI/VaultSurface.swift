package import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTransport

/// The API of a Vault's PKI engine (`/v1/pki/…`) in front of the authority, so that its clients work unchanged.
///
/// Roles are registered services and profiles; tokens are the bearer tokens of the admin API. The registry decides which
/// names a certificate may carry, whatever a role's name and a caller say.
package struct VaultSurface: Sendable {
    let engine: AuthorityEngine
    let publisher: RevocationPublisher
    let settings: VaultSettings
    let authentication: VaultAuthentication
    let work: BackgroundWork
    private let ocsp: OCSPSurface

    /// A surface in front of an engine; `publisher` signs the revocation lists that it hands out.
    package init(engine: AuthorityEngine, publisher: RevocationPublisher, settings: VaultSettings) {
        self.engine = engine
        self.publisher = publisher
        self.settings = settings
        self.authentication = VaultAuthentication(engine: engine)
        self.ocsp = OCSPSurface(engine: engine, path: "/v1/\(settings.mount)/ocsp")
        self.work = BackgroundWork(name: "vault", maximumThreads: 2, limit: settings.keyGenerations)
    }

    /// The routes of the API, all but OCSP by GET.
    private var routes: RouteList {
        var routes = RouteList()
        addSystem(to: &routes)
        addIssuance(to: &routes)
        addRoles(to: &routes)
        addRevocation(to: &routes)
        addCertificates(to: &routes)
        addAuthority(to: &routes)
        ocsp.add(to: &routes)
        return routes
    }

    /// What answers the requests of the surface.
    ///
    /// - Throws: `RouteError` for a mistake in the code.
    package func makeHandler() throws -> @Sendable (ServerRequest, Responder) -> Void {
        let router = try makeRouter()
        return { request, responder in
            if let answer = ocsp.answer(get: request) {
                responder.answer(answer)
            } else {
                router.handle(request, responder)
            }
        }
    }

    private func makeRouter() throws -> RequestRouter {
        try RequestRouter(routes) { request, fault in
            switch fault {
            case .notFound:
                let path = PrintableText.escaped(String(request.path.dropFirst(4).prefix(200)))
                return VaultEnvelope.failure(VaultError(404, "no handler for route '\(path)'"))
            case .methodNotAllowed:
                return VaultEnvelope.failure(VaultError(405, "1 error occurred:\n\t* unsupported operation\n\n"))
            case .malformedPath(let reason): return VaultEnvelope.failure(VaultError(400, reason))
            }
        }
    }

    /// A path below the mount of the engine.
    func path(_ rest: String) -> String { "/v1/\(settings.mount)/\(rest)" }

    /// Runs a handler, and answers with the refusal that it throws.
    static func run(_ responder: Responder, _ body: () throws(VaultError) -> Void) {
        do {
            try body()
        } catch {
            responder.answer(VaultEnvelope.failure(error))
        }
    }

    /// Adds a call that writes: clients use POST and PUT alike.
    func write(
        _ pattern: String,
        _ routes: inout RouteList,
        _ handler: @escaping @Sendable (ServerRequest, PathParameters, Responder) throws(VaultError) -> Void
    ) {
        routes.on(["POST", "PUT"], pattern) { request, path, responder in
            Self.run(responder) { () throws(VaultError) in try handler(request, path, responder) }
        }
    }

    /// Adds a call that reads, after its caller was found to have the permission.
    func read(
        _ pattern: String,
        _ routes: inout RouteList,
        _ answer: @escaping @Sendable (PathParameters) throws(VaultError) -> ServerResponse
    ) {
        routes.get(pattern) { request, path, responder in
            Self.run(responder) { () throws(VaultError) in
                try audited(request)
                responder.answer(try answer(path))
            }
        }
    }

    /// Adds a call that lists, which clients write as LIST or as GET with `list=true`; with GET alone it is not there.
    func list(
        _ pattern: String,
        _ routes: inout RouteList,
        _ handler: @escaping @Sendable (Responder) throws(VaultError) -> Void
    ) {
        for path in [pattern, pattern + "/"] {
            routes.on(["LIST", "GET"], path) { request, _, responder in
                Self.run(responder) { () throws(VaultError) in
                    guard request.methodText == "LIST" || request.queryValue("list") == "true" else {
                        throw VaultError(405, "1 error occurred:\n\t* unsupported operation\n\n")
                    }
                    try audited(request)
                    try handler(responder)
                }
            }
        }
    }

    /// Lets those read who may, and writes it into the audit trail.
    private func audited(_ request: ServerRequest) throws(VaultError) {
        let caller = try authentication.caller(of: request, for: .read)
        engine.audit("vault.read", target: "\(request.methodText) \(request.path)", by: caller, outcome: .done)
    }
}
