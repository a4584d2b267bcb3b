package import CountersignHTTPServer
package import CountersignTelemetry
package import CountersignTransport

/// The operator's surface of a process: `/health`, `/health/live`, `/health/ready` and `/metrics` over plain HTTP.
package final class AdminServer: Sendable {
    /// The address that is listened on.
    package var address: SocketAddress { server.address }
    private let server: HTTPServer

    /// Binds the address and starts to serve.
    ///
    /// - Parameters:
    ///   - listen: a loopback address unless the operator says otherwise, as health and metrics ask nobody who is calling.
    ///   - health: what `/health` tells.
    ///   - metrics: what `/metrics` lists.
    ///   - routes: what the process serves beside them; they decide themselves whom they serve.
    ///   - settings: bounds of the server.
    ///   - apiFault: makes the answer for what there is not below the paths of an API; nil for a line of text.
    /// - Throws: `SystemError` that names the address, or `RouteError`.
    package init(
        listen: SocketAddress,
        health: HealthState,
        metrics: MetricsRegistry,
        routes: RouteList = RouteList(),
        settings: HTTPServerSettings = HTTPServerSettings(),
        apiFault: (@Sendable (ServerRequest, RouteFault) -> ServerResponse?)? = nil
    ) throws {
        var all = routes
        all.get("/health") { _, _ in Self.response(health.fullReport()) }
        all.get("/health/live") { _, _ in Self.response(health.liveReport()) }
        all.get("/health/ready") { _, _ in Self.response(health.readyReport()) }
        all.get("/metrics") { _, _ in
            ServerResponse(
                status: 200,
                contentType: "\(MetricsRegistry.contentType)",
                fields: Self.noStore,
                body: metrics.render()
            )
        }
        let router = try RequestRouter(all) { request, fault in
            apiFault?(request, fault) ?? Self.fault(request, fault)
        }
        self.server = try HTTPServer(name: "admin", listen: listen, settings: settings, router: router)
    }

    package func stop() {
        server.stop()
    }

    private static func fault(_ request: ServerRequest, _ fault: RouteFault) -> ServerResponse {
        switch fault {
        case .notFound: .text(404, "404 Not Found: there are /health, /health/live, /health/ready and /metrics")
        case .methodNotAllowed(let allow): .methodNotAllowed(allow)
        case .malformedPath(let reason): .text(400, "400 Bad Request: \(reason)")
        }
    }

    private static func response(_ report: HealthReport) -> ServerResponse {
        ServerResponse(
            status: report.status,
            contentType: "\(HealthReport.contentType)",
            fields: noStore,
            body: report.body
        )
    }

    private static let noStore = [(name: "Cache-Control", value: "no-store")]
}
