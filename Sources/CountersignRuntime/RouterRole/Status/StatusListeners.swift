import CountersignHTTPServer
import CountersignRouting
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Synchronization

/// The listeners that answer a GoRouter's `/health` and `/routes`.
///
/// Health is answered to anybody, as load balancers ask; the routes to those who show the credentials, on loopback.
final class StatusListeners: Sendable {
    private let servers: [HTTPServer]
    /// What the listener over TLS presents, and who may ask for the routes; a reload replaces them.
    private let identity: TLSContextHolder
    private let credentials: CredentialsHolder

    /// Binds the addresses and starts to answer.
    ///
    /// - Parameters:
    ///   - plan: what is told where.
    ///   - health: whether the router takes requests.
    ///   - routes: the routes of this moment.
    /// - Throws: ``ListenFault``, which names the key.
    init(
        _ plan: StatusPlan,
        health: HealthState,
        routes: @escaping @Sendable () -> [ListedRoute]
    ) throws {
        let identity = TLSContextHolder(nil)
        let credentials = CredentialsHolder(plan.routes?.credentials)
        var servers: [HTTPServer] = []
        do {
            if let address = plan.health {
                servers.append(
                    try ListenFault.naming("router.status.listen") {
                        try HTTPServer(name: "status", listen: address) { Self.answer($0, health) }
                    }
                )
            }
            if let address = plan.healthTLS {
                servers.append(
                    try ListenFault.naming("router.status.listen_tls") {
                        try HTTPServer(name: "status-tls", listen: address, tls: ServerTLS(identity)) {
                            Self.answer($0, health)
                        }
                    }
                )
            }
            if let address = plan.routes?.address {
                servers.append(
                    try ListenFault.naming("router.status.listen_routes") {
                        try HTTPServer(name: "routes", listen: address) { Self.answer($0, credentials, routes) }
                    }
                )
            }
        } catch {
            for server in servers { server.stop() }
            throw error
        }
        self.servers = servers
        self.identity = identity
        self.credentials = credentials
    }

    /// Takes over what a configuration that comes into force says.
    func adopt(_ plan: StatusPlan?, presenting context: TLSContext?) {
        identity.replace(context)
        credentials.replace(plan?.routes?.credentials)
    }

    func stop() {
        for server in servers { server.stop() }
    }

    private static func answer(_ request: ServerRequest, _ health: HealthState) -> ServerResponse {
        guard request.isRead else { return .methodNotAllowed("GET, HEAD") }
        switch request.path {
        case "/health": return state(health.isReady)
        case "/is-process-alive-do-not-use-for-loadbalancing": return state(health.isLive)
        default: return .text(404, "404 Not Found: there is /health")
        }
    }

    private static func state(_ isWell: Bool) -> ServerResponse {
        ServerResponse(
            status: isWell ? 200 : 503,
            contentType: "text/plain; charset=utf-8",
            fields: [("Cache-Control", "private, max-age=0"), ("Expires", "0")],
            body: isWell ? Array("ok\n".utf8) : []
        )
    }

    private static func answer(
        _ request: ServerRequest,
        _ credentials: CredentialsHolder,
        _ routes: () -> [ListedRoute]
    ) -> ServerResponse {
        guard credentials.areShown(by: request) else {
            var response = ServerResponse.text(401, "401 Unauthorized")
            response.fields = [("WWW-Authenticate", "Basic realm=\"routes\", charset=\"UTF-8\"")]
            return response
        }
        guard request.path == "/routes" else { return .text(404, "404 Not Found: there is /routes") }
        guard request.isRead else { return .methodNotAllowed("GET, HEAD") }
        var response = ServerResponse.json(200, RouteListText.json(routes()))
        response.fields = [("Cache-Control", "no-store")]
        return response
    }
}

/// Who may ask for the routes at this moment; nobody without credentials.
private final class CredentialsHolder: Sendable {
    private let current: Mutex<BasicCredentials?>

    init(_ credentials: BasicCredentials?) {
        self.current = Mutex(credentials)
    }

    func replace(_ credentials: BasicCredentials?) {
        current.withLock { $0 = credentials }
    }

    func areShown(by request: ServerRequest) -> Bool {
        current.withLock { $0 }?.areShown(by: request) ?? false
    }
}
