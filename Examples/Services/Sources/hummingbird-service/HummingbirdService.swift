import ArgumentParser
import CountersignHummingbird
import CountersignInboundAudit
import ExampleIdentity
import Foundation
import Hummingbird

/// A web service that knows who calls it.
///
/// TLS ends in this process, or with `--plain` at a proxy in front. What a request has to show is said by the environment:
/// `INBOUND_AUTH_MODE`, `TRUSTED_PROXY_CIDRS`, `FORWARDED_CLIENT_CERT_HEADER`, `BINDING_REQUIRED_PATHS`, `MTLS_ENFORCE`.
@main
struct HummingbirdService: AsyncParsableCommand {
    @OptionGroup var identity: IdentityOptions

    @OptionGroup var serving: ServingOptions

    @Flag(help: "Speaks plain HTTP: a proxy in front ends TLS and forwards the certificate.")
    var plain = false

    @OptionGroup var tokens: TokenOptions

    @Option(help: "A service that may call; may be given several times, and everybody may without it.")
    var allow: [String] = []

    @Option(help: "A file that what becomes of requests is kept in, one event a line.")
    var audit: String?

    func run() async throws {
        let source = try await identity.source()
        let configuration = try configuration(of: source.current)
        let authentication = try InboundAuthentication(configuration)
        for warning in authentication.warnings { say("warning: \(warning)") }
        let trail = try audit.map { path in
            var destinations = InboundAuditDestinations(filePath: path)
            destinations.refusesUnkept = true
            return try InboundAuditTrail(destinations)
        }
        let router = Router(context: BasicCallerContext.self)
        router.add(
            middleware: InboundMiddleware(authentication) { event in
                // Kept before the request goes on, whatever is printed of it.
                guard trail?.keeps(event) ?? true else { return false }
                let outcome = event.isSuccess ? "accepted" : "refused"
                say("\(outcome) \(event.method) \(event.path) of \(event.caller ?? "nobody") \(event.reason ?? "")")
                return true
            }
        )
        router.get("health") { _, _ in "ok\n" }
        // Which header fields routes get: none in which a client says of certificates what only a trusted proxy may.
        router.get("fields") { request, _ in
            request.headers.map(\.name.canonicalName).joined(separator: " ") + "\n"
        }
        router.get("**") { _, context in "hello \(context.caller?.name ?? "nobody")\n" }

        // Without a certificate the handshake goes on, and the middleware says what is missing.
        let tls = ServerTLS(source, clients: .optional(), handshakeTimeout: .seconds(serving.handshakeTimeout))
        let app = Application(
            router: router,
            server: plain ? .http1() : .countersign(tls),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: serving.port)),
            services: [IdentityService(source)],
            onServerRunning: { channel in say("listening on \(channel.localAddress?.port ?? 0)") }
        )
        try await withThrowingTaskGroup { group in
            let events = source.events
            say("identity \(source.current)")
            group.addTask { await tell(events) }
            if let keys = configuration.tokens?.keys {
                group.addTask { [tokens] in try await tokens.follow(keys, source) }
            }
            // The service ends with a signal, and what it prints and follows ends with it.
            try await app.runService()
            group.cancelAll()
        }
        await trail?.stop()
    }

    private func configuration(of own: WorkloadIdentity) throws -> InboundConfiguration {
        var configuration = InboundConfiguration(mode: .mtlsOnly)
        configuration.unauthenticatedPaths = ["/health"]
        // A service that is named without its SPIFFE ID is one of the own trust domain.
        let trustDomain = own.spiffeID?.trustDomain.name
        configuration.serviceTrustDomain = trustDomain
        configuration.allowList = allow.isEmpty ? nil : allow.map { AllowedCall(from: $0) }
        configuration.tokens = try tokens.tokens(in: trustDomain)
        try configuration.apply(environment: ProcessInfo.processInfo.environment)
        return configuration
    }
}
