import CountersignAdmin
import CountersignAuthority
import CountersignFiles
import CountersignForwarding
import CountersignHTTPServer
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRouter
import CountersignRouting
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging

/// Everything of `countersign dev`: an authority with an ephemeral root, a router with one mTLS domain, and two sample services of
/// which `orders` may call `inventory`, and nobody may call `orders`.
final class DevEnvironment: Sendable {
    static let domain = "apps.mtls.internal"

    let folder: DevFolder
    let router: Router
    let egress: DevEgress
    let admin: AdminServer
    let orders: DevService
    let inventory: DevService
    let authority: DevAuthority

    static var trustDomain: TrustDomain {
        get throws { try TrustDomain(parsing: "dev.local") }
    }

    init(_ options: DevOptions, logging: LoggingSetup) throws {
        let listen = try DevAddress(options.listen, option: "--listen")
        let admin = try DevAddress(options.admin, option: "--admin")
        let forward = try DevAddress(options.egress, option: "--egress")
        let native = try DevAddress(options.authority, option: "--authority")
        self.folder = try DevFolder(options.folder, for: ["orders", "inventory"])
        let space = try CloudFoundryGUID.random()
        let organization = try CloudFoundryGUID.random()
        let orders = try DevService(name: "orders", space: space, organization: organization)
        let inventory = try DevService(name: "inventory", space: space, organization: organization)
        self.orders = orders
        self.inventory = inventory

        let health = HealthState()
        let authority = try DevAuthority([orders, inventory], in: folder, at: native, health: health, logging: logging)
        self.authority = authority
        let registry = MetricsRegistry()
        let settings = try Self.settings(authority, orders: orders, inventory: inventory)
        self.router = try Self.startRouter(listen, settings, registry, logging)
        authority.cutRevoked(at: router)
        self.egress = try DevEgress(
            at: forward,
            to: router,
            as: orders,
            in: folder,
            trust: try TrustStore(pem: authority.service.engine.issuer.trustBundlePEM, atUnixSeconds: Self.now),
            logging: logging
        )
        self.admin = try admin.start { address in
            try AdminServer(
                listen: address,
                health: health,
                metrics: registry,
                routes: authority.service.adminRoutes,
                apiFault: AdminSurface.fault
            )
        }
        health.markStarted()
    }

    /// Ends everything and removes what was written.
    func shutDown() {
        egress.stop()
        _ = router.drain(within: .seconds(5))
        admin.stop()
        authority.service.stop()
        orders.server.stop()
        inventory.server.stop()
        folder.remove()
    }

    static var now: Int64 { Int64(time(nil)) }

    private static func settings(
        _ authority: DevAuthority,
        orders: DevService,
        inventory: DevService
    ) throws -> RouterSettings {
        var settings = RouterSettings()
        settings.identities = [try authority.routerIdentity()]
        let trust = try TrustStore(pem: authority.service.engine.issuer.trustBundlePEM, atUnixSeconds: now)
        var mutual = RouterSettings.Domain(
            pattern: try HostPattern(parsing: "*.\(domain)"),
            place: "countersign dev",
            trust: trust
        )
        mutual.certificateHeaders = CertificateHeaders([.envoy])
        mutual.authorization = .cfIdentity(.anyAuthenticated)
        settings.domains = [mutual]
        settings.routes = [
            try route(to: inventory, allowed: [orders.identity.app]),
            try route(to: orders, allowed: []),
        ]
        return settings
    }

    private static func route(to service: DevService, allowed: [CloudFoundryGUID]) throws -> RouteDefinition {
        let names = allowed.map(\.description).joined(separator: ",")
        let options = try RouteOptions(allowed.isEmpty ? [] : [.init("mtls_allowed_apps", .string(names))])
        return RouteDefinition(
            pattern: try RoutePattern(parsing: "\(service.name).\(domain)"),
            endpoints: [Endpoint(host: "127.0.0.1", port: service.server.address.port)],
            options: options,
            policy: try RoutePolicy(options),
            place: "countersign dev"
        )
    }

    private static func startRouter(
        _ listen: DevAddress,
        _ settings: RouterSettings,
        _ registry: MetricsRegistry,
        _ logging: LoggingSetup
    ) throws -> Router {
        let metrics = RouterMetrics(
            registry: registry,
            shards: 1,
            version: CountersignVersion.current,
            commit: CountersignVersion.commit
        )
        let revoked = RevokedCertificates()
        let snapshot = try settings.makeSnapshot(revoked: revoked)
        return try listen.start { address in
            try Router(
                listen: [address],
                workers: 1,
                snapshot: snapshot,
                revoked: revoked,
                metrics: metrics,
                accessLog: nil,
                logger: logging.makeLogger(label: "countersign.router")
            )
        }
    }
}

extension CloudFoundryGUID {
    /// A new random GUID (RFC 9562 version 4).
    static func random() throws -> CloudFoundryGUID {
        var generator = SystemRandomNumberGenerator()
        var digits = Array(String(generator.next(), radix: 16) + String(generator.next(), radix: 16))
        while digits.count < 32 { digits.append("0") }
        digits[12] = "4"
        digits[16] = "8"
        let text = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
        return try CloudFoundryGUID(parsing: text)
    }
}
