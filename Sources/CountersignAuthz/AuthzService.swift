import CountersignHTTP1
package import CountersignHTTPServer
package import CountersignTransport

/// Answers proxies that ask whether a request may pass: `/auth/nginx`, `/auth/traefik`, `/auth/envoy/…`.
///
/// `/auth/answer` gives the client's answer to a request that `/auth/nginx` refused, as nginx cannot pass on the one that
/// it got.
package final class AuthzService: Sendable {
    /// The address that is listened on.
    package var address: SocketAddress { server.address }
    private let server: HTTPServer
    private let judge: AuthzJudge

    /// Binds the address and starts to serve.
    ///
    /// - Parameters:
    ///   - listen: the address.
    ///   - tls: what proxies are shown; without it, connections are not encrypted.
    ///   - threads: event loops, at least 1.
    ///   - room: how many connections each of them may have.
    ///   - judge: decides.
    /// - Throws: `SystemError` that names the address.
    package init(
        listen: SocketAddress,
        tls: ServerTLS? = nil,
        threads: Int,
        room: ConnectionRoom,
        judge: AuthzJudge
    ) throws {
        var settings = HTTPServerSettings()
        settings.threads = threads
        settings.maximumConnections = room.maximum
        settings.displacement = room.displacement
        settings.onRefusedConnection = room.onRefusal
        settings.maximumBody = 64 * 1024
        // Wider than any certificate that is read, so that one which is too large is answered here and in words.
        settings.headLimits = HeadLimits(
            maxRequestLineBytes: 16_384,
            maxHeaderLineBytes: 131_072,
            maxHeadBytes: 262_144,
            maxHeaderCount: 200
        )
        self.judge = judge
        self.server = try HTTPServer(name: "authz", listen: listen, tls: tls, settings: settings) { request in
            Self.answer(request, judge)
        }
    }

    /// Takes no new requests, answers those in hand, and ends.
    package func stop(within time: Duration) {
        server.stop(within: time)
    }

    private static func answer(_ request: ServerRequest, _ judge: AuthzJudge) -> ServerResponse {
        let path = request.path
        if path == ProxyDialect.nginx.path { return judge.answer(request, .nginx) }
        if path == ProxyDialect.traefik.path { return judge.answer(request, .traefik) }
        if path.hasPrefix(ProxyDialect.envoy.path + "/") { return judge.answer(request, .envoy) }
        if path == "/auth/answer" { return judge.refusal(of: request) }
        return .text(404, "404 Not Found: there are /auth/nginx, /auth/answer, /auth/traefik and /auth/envoy/")
    }
}
