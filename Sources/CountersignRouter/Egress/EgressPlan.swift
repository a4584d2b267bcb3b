import CountersignIdentity
package import CountersignPKI
package import CountersignPolicy
package import CountersignTelemetry
package import CountersignTransport

/// Where local workloads may call, and how: all that makes a forward proxy of the data plane.
package final class EgressPlan: Sendable {
    /// Where workloads may call.
    package let rules: OutgoingRules
    /// The routers that serve the domains, in the order in which they are tried.
    package let routers: [SocketAddress]
    /// Verifies the routers' certificates; `nil` when there is no domain, and so nothing to verify.
    package let verifier: DomainVerifier?
    /// What a router's certificate must have beside the name of the host.
    package let routerNames: [PeerNameRequirement]
    /// Who calls.
    package let callers: any LocalCallerSource
    /// The names of all workloads; a tunnel of one that is no longer among them is cut.
    package let workloads: Set<String>
    /// Where it is counted.
    package let metrics: EgressMetrics
    /// How many connections each user of this host may have open.
    package let connectionsPerUser: Int
    /// Runs what blocks: looking callers up, and resolving names.
    let work: EgressWork
    /// The addresses of this host itself.
    let ownAddresses: OwnAddresses
    /// Resolves a host name to addresses; blocks.
    let resolve: @Sendable (_ host: String, _ port: UInt16) throws -> [SocketAddress]

    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - rules: where workloads may call.
    ///   - routers: the routers that serve the domains.
    ///   - verifier: verifies the routers' certificates.
    ///   - routerNames: what a router's certificate must have beside the name of the host.
    ///   - callers: finds out who calls.
    ///   - workloads: the names of all workloads.
    ///   - metrics: where it is counted.
    ///   - connectionsPerUser: how many connections each user of this host may have open.
    ///   - work: runs what blocks; the same for all plans of a proxy, as its bounds are.
    ///   - ownAddresses: the addresses of this host itself.
    ///   - resolve: resolves a host name; by default as the system does.
    package init(
        rules: OutgoingRules,
        routers: [SocketAddress],
        verifier: DomainVerifier?,
        routerNames: [PeerNameRequirement] = [],
        callers: any LocalCallerSource,
        workloads: Set<String>,
        metrics: EgressMetrics,
        connectionsPerUser: Int = 4096,
        work: EgressWork = EgressWork(),
        ownAddresses: OwnAddresses = OwnAddresses(),
        resolve: @escaping @Sendable (String, UInt16) throws -> [SocketAddress] = {
            try SocketAddress.resolve(host: $0, port: $1)
        }
    ) {
        self.rules = rules
        self.routers = routers
        self.verifier = verifier
        self.routerNames = routerNames
        self.callers = callers
        self.workloads = workloads
        self.metrics = metrics
        self.resolve = resolve
        self.connectionsPerUser = max(1, connectionsPerUser)
        self.work = work
        self.ownAddresses = ownAddresses
    }

    /// Whether no rule can fit a user, or it is not known which one it is.
    func isStranger(_ userID: UInt32?) -> Bool {
        guard let userID else { return true }
        return callers.refusal(ofUser: userID) != nil
    }

    /// Decides about one address that the host of a call leads to; `nil` when it may be connected to.
    ///
    /// - Parameter now: in nanoseconds of the loop.
    func refusal(of address: IPAddress, for call: OutgoingCall, at now: UInt64) -> OutgoingRules.Refusal? {
        let own = ownAddresses.all(at: now)
        if let refusal = rules.refusal(of: address, host: call.host, port: call.port, own: own) { return refusal }
        let isRouter = routers.contains { router in
            guard router.port == call.port, let number = try? IPAddress(parsing: router.host) else { return false }
            return address.readings.contains(number.unmapped)
        }
        return isRouter ? rules.refusal(ofRouter: address, port: call.port) : nil
    }
}
