import CountersignConfiguration
import CountersignHTTP1
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignRewriting
import CountersignRouter
import CountersignRouting
import CountersignTelemetry
import CountersignTransport
import CountersignWorkload

/// All that a forward proxy's snapshot is built from, with every value parsed and every file read.
package struct EgressSettings: Sendable {
    /// Where workloads may call.
    var rules = OutgoingRules()
    /// The routers that serve the domains.
    var routers: [SocketAddress] = []
    /// What a router's certificate must have beside the name of the host.
    var routerNames: [PeerNameRequirement] = []
    /// Who vouches for routers; `nil` without domains.
    var trust: TrustStore?
    /// How their revocation is looked at.
    var revocation = RevocationChecking.none
    /// Which processes are which workload.
    var workloads: [WorkloadRule] = []
    /// The folder with the workloads' certificates; empty without domains.
    var certificateDirectory = ""
    var limits = RouterLimits()
    /// How many connections each user of the host may have open; nil for a quarter of all.
    var connectionsPerUser: Int?
    /// How much one look-up of a caller may take.
    var lookup = SocketHolders.Bounds()
    var timeouts = RouterTimeouts()

    /// Settings that refuse everybody.
    init() {}

    /// The names of the workloads, each once and in the order of the rules.
    var workloadNames: [String] {
        var names: [String] = []
        for rule in workloads where !names.contains(rule.service) { names.append(rule.service) }
        return names
    }

    /// Builds the snapshot.
    ///
    /// - Parameters:
    ///   - callers: finds out who calls.
    ///   - metrics: where calls are counted.
    ///   - descriptors: how many descriptors this process may have open.
    ///   - work: runs what blocks; the same for all snapshots of a proxy.
    ///   - ownAddresses: the addresses of this host itself.
    ///   - resolve: resolves names of hosts of no domain.
    func makeSnapshot(
        callers: any LocalCallerSource,
        metrics: EgressMetrics,
        descriptors: Int = DescriptorLimit.raise(),
        work: EgressWork = EgressWork(),
        ownAddresses: OwnAddresses = OwnAddresses(),
        resolve: @escaping @Sendable (String, UInt16) throws -> [SocketAddress] = {
            try SocketAddress.resolve(host: $0, port: $1)
        }
    ) throws -> RouterSnapshot {
        let verifier = trust.map {
            DomainVerifier(
                verifier: ChainVerifier(trust: $0, purpose: .server, revocation: revocation),
                revoked: RevokedCertificates()
            )
        }
        var limits = limits
        let byDescriptors = Self.maximumConnections(descriptors: descriptors)
        limits.maximumConnections = min(limits.maximumConnections, byDescriptors)
        let share = max(1, limits.maximumConnections / Self.users)
        var generator = SystemRandomNumberGenerator()
        var balancing = BalancingPlan()
        // Sessions are between the client and the router: the proxy adds no cookie of its own.
        balancing.sticky.cookieNames = []
        return RouterSnapshot(
            domainTable: try DomainTable(domains: [], seed: generator.next()),
            domains: [],
            identities: [],
            plainContexts: [],
            routes: try FixedRoutes([]),
            limits: limits,
            timeouts: timeouts,
            balancing: balancing,
            egress: EgressPlan(
                rules: rules,
                routers: routers,
                verifier: verifier,
                routerNames: routerNames,
                callers: callers,
                workloads: Set(workloadNames),
                metrics: metrics,
                connectionsPerUser: min(connectionsPerUser ?? share, max(1, byDescriptors / Self.users)),
                work: work,
                ownAddresses: ownAddresses,
                resolve: resolve
            )
        )
    }

    /// How many connections there are descriptors for, when looking callers up and resolving names has its own.
    ///
    /// - Parameter descriptors: how many descriptors this process may have open.
    static func maximumConnections(descriptors: Int) -> Int {
        max(users, (descriptors - ownDescriptors) / descriptorsPerConnection)
    }

    /// What is kept for files, listeners, look-ups of callers (four each at the most) and of names.
    private static let ownDescriptors = 256
    /// A client's, the one to the other end, and one that is kept for reuse.
    private static let descriptorsPerConnection = 3
    /// A user has at most one part in so many of what there is.
    private static let users = 4
}
