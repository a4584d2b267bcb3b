import CountersignConfiguration
import CountersignIdentity
import CountersignNATS
import CountersignNATSClient
import CountersignPKI
import CountersignRouter
import CountersignRouting
import CountersignTLS
import CountersignTelemetry
import Logging

/// Has a router take its routes from the bus that its configuration names, from one configuration to the next.
final class RouteBus {
    private let health: HealthState
    private let metrics: BusMetrics
    private let logger: Logger
    private var plan: RouteBusPlan?
    private var client: NATSClient?

    init(health: HealthState, metrics: BusMetrics, logger: Logger) {
        self.health = health
        self.metrics = metrics
        self.logger = logger
    }

    /// Prepares to take routes from the bus of a configuration, and from no other.
    ///
    /// With another bus, the endpoints of the one before stay until they are registered there or end; without one they
    /// end at once.
    ///
    /// - Returns: what takes effect when it is called.
    /// - Throws: what keeps the connection from being set up; the earlier bus is listened to on then. What is returned
    ///   throws only when no thread can be made.
    func prepare(_ next: RouteBusPlan?, for router: Router) throws -> () throws -> Void {
        if let next, let plan, client != nil, next.isSameBus(as: plan), next.rules == plan.rules { return {} }
        let settings = try next.map { try Self.settings($0) }
        return { [self] in
            stop()
            plan = next
            if let next, let settings { try begin(next.rules, settings, router) } else { forget(router) }
        }
    }

    private func forget(_ router: Router) {
        let ended = router.changeRoutes { $0.removeRegistered() }
        if ended > 0 {
            logger.notice("routes of the bus have ended", metadata: ["endpoints": .stringConvertible(ended)])
        }
        health.remove("nats")
    }

    private func begin(_ rules: RouteBusPlan.Rules, _ settings: NATSClientSettings, _ router: Router) throws {
        let desk = RouteBusDesk.Surroundings(router: router, health: health, metrics: metrics, logger: logger)
        health.set("nats", .failed(reason: "no server of the bus has let the router in yet"))
        client = try NATSClient(settings) { RouteBusDesk(rules, desk) }
    }

    /// Ends the connection; the routes stay as they are.
    func stop() {
        client?.stop()
        client = nil
        metrics.connected.set(0)
    }

    private static func settings(_ plan: RouteBusPlan) throws -> NATSClientSettings {
        NATSClientSettings(
            servers: try plan.servers.map { server in
                NATSClientSettings.Server(
                    host: server.hostname,
                    port: server.port,
                    tls: try plan.trust.map { try context(server.hostname, $0, plan.identity) }
                )
            },
            credentials: plan.credentials,
            name: "countersign-router",
            version: CountersignVersion.current,
            subject: "router.*"
        )
    }

    private static func context(_ host: String, _ trust: TrustStore, _ identity: TLSIdentity?) throws -> TLSContext {
        let name: PeerNameRequirement =
            if let address = try? IPAddress(parsing: host) { .address(address) } else {
                .dns(try HostName(parsing: host))
            }
        let verifier = LiveChainVerifier(
            ChainVerifier(trust: trust, purpose: .server),
            expecting: name,
            cachedChains: 8
        )
        return try TLSContext(client: identity, verifier: verifier)
    }
}
