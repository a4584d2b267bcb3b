import CountersignPlainHTTP
package import CountersignTelemetry
package import CountersignTransport

/// The operator's surface of a process: `/health`, `/health/live`, `/health/ready` and `/metrics` over plain HTTP.
package final class AdminServer: Sendable {
    /// The address that is listened on.
    package var address: SocketAddress { server.address }
    private let server: PlainHTTPServer

    /// Binds the address and starts to serve.
    ///
    /// The address is one of loopback unless the operator says otherwise, as nothing here asks who is calling.
    ///
    /// - Throws: `SystemError` that names the address.
    package init(listen: SocketAddress, health: HealthState, metrics: MetricsRegistry) throws {
        self.server = try PlainHTTPServer(name: "admin", listen: listen) { request in
            Self.answer(request, health: health, metrics: metrics)
        }
    }

    package func stop() {
        server.stop()
    }

    private static func answer(_ request: PlainRequest, health: HealthState, metrics: MetricsRegistry) -> PlainResponse
    {
        guard request.method == "GET" || request.method == "HEAD" else {
            var response = PlainResponse.text(405, "405 Method Not Allowed: use GET or HEAD")
            response.fields.append(("Allow", "GET, HEAD"))
            return response
        }
        switch request.path {
        case "/health": return response(health.fullReport())
        case "/health/live": return response(health.liveReport())
        case "/health/ready": return response(health.readyReport())
        case "/metrics":
            return PlainResponse(
                status: 200,
                contentType: "\(MetricsRegistry.contentType)",
                fields: noStore,
                body: metrics.render()
            )
        default:
            return .text(404, "404 Not Found: there are /health, /health/live, /health/ready and /metrics")
        }
    }

    private static func response(_ report: HealthReport) -> PlainResponse {
        PlainResponse(
            status: report.status,
            contentType: "\(HealthReport.contentType)",
            fields: noStore,
            body: report.body
        )
    }

    private static let noStore = [(name: "Cache-Control", value: "no-store")]
}
