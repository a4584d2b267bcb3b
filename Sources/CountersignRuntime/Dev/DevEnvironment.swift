import CountersignAdmin
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

/// Everything of `countersign dev`: an ephemeral authority, a router with one mTLS domain, and two sample services of
/// which `orders` may call `inventory`, and nobody may call `orders`.
final class DevEnvironment: Sendable {
    static let domain = "apps.mtls.internal"

    let folder: DevFolder
    let router: Router
    let admin: AdminServer
    let orders: DevService
    let inventory: DevService
    private let authority: IssuingAuthority

    init(_ options: DevOptions, logging: LoggingSetup) throws {
        let listen = try DevAddress(options.listen, option: "--listen")
        let admin = try DevAddress(options.admin, option: "--admin")
        self.folder = try DevFolder(options.folder, for: ["ca.pem", "orders", "inventory"])
        let trustDomain = try TrustDomain(parsing: "dev.local")
        let authority = try IssuingAuthority.ephemeral(trustDomain: trustDomain, now: Self.now)
        let space = try CloudFoundryGUID.random()
        let organization = try CloudFoundryGUID.random()
        let orders = try DevService(name: "orders", trustDomain: trustDomain, space: space, organization: organization)
        let inventory = try DevService(
            name: "inventory",
            trustDomain: trustDomain,
            space: space,
            organization: organization
        )
        self.authority = authority
        self.orders = orders
        self.inventory = inventory

        let registry = MetricsRegistry()
        let health = HealthState()
        let settings = try Self.settings(authority, orders: orders, inventory: inventory)
        self.router = try Self.startRouter(listen, settings, registry, logging)
        self.admin = try admin.start { address in
            try AdminServer(listen: address, health: health, metrics: registry)
        }
        health.markStarted()
        try writeFiles()
    }

    /// Writes the trust bundle, and each service's certificate and key, as an agent lays them out.
    func writeFiles() throws {
        try folder.write(authority.trustBundlePEM, to: "ca.pem", mode: 0o644)
        for service in [orders, inventory] {
            let issued = try authority.issue(service.profile(), key: .p256, now: Self.now)
            try folder.makeFolder(service.name)
            try folder.write(issued.keyPEM, to: "\(service.name)/key.pem", mode: 0o600)
            try folder.write(issued.chainPEM, to: "\(service.name)/cert.pem", mode: 0o644)
        }
    }

    /// Ends everything and removes what was written.
    func shutDown() {
        _ = router.drain(within: .seconds(5))
        admin.stop()
        orders.server.stop()
        inventory.server.stop()
        folder.remove()
    }

    static var now: Int64 { Int64(time(nil)) }

    private static func settings(
        _ authority: IssuingAuthority,
        orders: DevService,
        inventory: DevService
    ) throws -> RouterSettings {
        let names = ["*.\(domain)", "localhost"]
        let server = try authority.issue(.host(names, lifetimeSeconds: 90 * 86_400), key: .p256, now: now)
        var settings = RouterSettings()
        settings.identities = [
            TLSIdentity(
                certificateChain: server.certificate.chainDER,
                privateKey: server.key.derPKCS8,
                dnsNames: names
            )
        ]
        let trust = try TrustStore(pem: authority.trustBundlePEM, atUnixSeconds: now)
        var mutual = RouterSettings.Domain(
            pattern: try HostPattern(parsing: "*.\(domain)"),
            place: "countersign dev",
            trust: trust
        )
        mutual.headerFormat = .envoy
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
        let metrics = RouterMetrics(registry: registry, shards: 1, version: CountersignVersion.current)
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
