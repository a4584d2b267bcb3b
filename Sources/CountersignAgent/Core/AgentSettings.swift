package import CountersignIssuance
package import CountersignPKI

/// What the operator has decided about an agent.
package struct AgentSettings: Sendable {
    /// The services of this host; names are distinct.
    package var services: [ServiceSettings]
    /// The authorities, in PEM, that vouch for the server of the authority beside the trust bundle; nil for the bundle
    /// alone.
    package var pinnedAuthorities: [UInt8]?
    /// The kind of key that is made for services.
    package var keyKind = PrivateKey.Kind.p256
    /// How long a service keeps its key over renewals, in milliseconds; 0 makes a new one each time.
    ///
    /// It is changed with the first renewal after that at which nobody is reading the service's files, at the latest when
    /// twice the time has passed.
    package var keyLifetime: Int64 = 30 * 86_400_000
    /// How long nobody must have opened the files of a service before its key is changed.
    package var quietTime = Duration.seconds(1)
    /// The part of a lifetime below which a certificate that was not renewed makes the agent unhealthy.
    package var reserve = RenewalSchedule.defaultReserve
    /// How often the trust bundle is fetched, in milliseconds.
    package var bundleInterval: Int64 = 300_000
    /// Whether the authority's revocation lists are kept in the certificate directory, and given to workloads.
    package var keepsRevocationLists = false
    /// How failures are repeated.
    package var backoff = RetryBackoff()
    /// What tells this host from others, so that a fleet spreads.
    package var hostName: String
    /// Where the join token is found, for messages.
    package var joinTokenPlace: String
    /// Reads the join token; nil when there is none.
    package var joinTicket: @Sendable () throws(AuthorityCallError) -> JoinTicket?

    package init(
        services: [ServiceSettings],
        hostName: String,
        joinTokenPlace: String,
        joinTicket: @escaping @Sendable () throws(AuthorityCallError) -> JoinTicket?
    ) {
        self.services = services
        self.hostName = hostName
        self.joinTokenPlace = joinTokenPlace
        self.joinTicket = joinTicket
    }
}
