package import CountersignIdentity
package import CountersignPolicy

/// The forward proxy of a host: the section `egress`.
package struct EgressSection: Sendable {
    /// The address that workloads use as their HTTP_PROXY; always of loopback.
    package var listen = ListenAddress(address: IPAddress(v4: 0x7F00_0001), port: 8888)

    /// Where workloads may call.
    package var rules = OutgoingRules()

    /// The routers that serve the domains; not empty when there are domains.
    package var routers: [ListenAddress] = []

    /// The SPIFFE ID that the routers must have beside the name of the host; nil when any.
    package var routerID: SPIFFEID?

    /// The authorities that vouch for routers; not empty when there are domains.
    package var authorities: [PEMReference] = []

    /// The revocation lists that the routers' certificates are looked up in.
    package var revocationLists: [PEMReference] = []

    /// The folder in which each workload has one of its own, with `cert.pem` and `key.pem`; empty only without domains.
    package var certificateDirectory = ""

    /// Which processes are which workload, in the order in which they are tried.
    package var workloads: [AgentWorkloadSection] = []

    /// How many event loops there are; nil for one a processor.
    package var workers: Int?

    /// Limits on requests and connections.
    package var limits = LimitsSection()

    /// How many connections each user of the host may have open; nil for a quarter of those that there may be.
    package var maximumConnectionsPerUser: Int?

    /// How many descriptors of a user's own processes a look-up of one of its callers goes through.
    package var maximumLookupDescriptors = 262_144

    /// How long is waited for what.
    package var timeouts = TimeoutsSection()

    /// The log of requests.
    package var accessLog = AccessLogSection()

    /// Where the section stands in the file, and its access log.
    package var place = ConfigurationPlace.wholeFile("")
    package var accessLogPlace = ConfigurationPlace.wholeFile("")

    /// The section's defaults.
    package init() {}
}
