package import CountersignConfiguration
package import CountersignNATS
package import CountersignPKI
package import CountersignTLS

/// All that the section `nats` asks for, with every file read.
package struct RouteBusPlan: Sendable {
    /// The servers, tried in turn.
    package var servers: [NATSSection.Server]
    /// Who the router is to them.
    package var credentials: NATSCredentials
    /// Whom to trust to be a server; nil without TLS.
    package var trust: TrustStore?
    /// What the router shows to servers; nil for nothing.
    package var identity: TLSIdentity?
    /// What says nothing of how to reach the bus.
    package var rules: Rules

    /// How routes of the bus are kept.
    package struct Rules: Sendable, Equatable {
        /// Whether endpoints stay while no server can be reached.
        package var suspendsPruning: Bool
        /// How often endpoints that have ended are looked for.
        package var pruneInterval: Duration
        /// How long an endpoint lives without being registered again.
        package var staleThreshold: Duration
        /// How long routes are collected before the router is ready, and the least time between two registrations.
        package var startDelay: Duration
        /// How long a route is known after its last endpoint has ended; nil for no longer than that.
        package var emptyPoolTimeout: Duration?
    }
}

extension RouteBusPlan {
    /// Whether the same connection serves both.
    func isSameBus(as other: RouteBusPlan) -> Bool {
        servers == other.servers && credentials == other.credentials
            && trust?.authoritiesDER == other.trust?.authoritiesDER
            && identity?.certificateChain == other.identity?.certificateChain
            && identity?.privateKey == other.identity?.privateKey
    }
}
