import CountersignIssuance
import CountersignPKI
package import CountersignTelemetry
package import Logging

/// Keeps the certificates of a host: asks in time, puts in place, tells, and says how it is.
///
/// Belongs to one thread. It is woken by ``handle(_:)`` and does nothing in between; what takes time is done by an
/// ``AgentWorker``, whose results come back as events.
package final class AgentCore {
    let directory: CertificateDirectory
    let client: any AuthorityClient
    let worker: any AgentWorker
    let surroundings: Surroundings
    var settings: AgentSettings
    var own: ManagedIdentity
    var services: [ManagedIdentity] = []
    var trust: AgentTrust
    var bundle = BundleState()
    var lists = RevocationListState()
    var known = KnownRevocations()
    /// The token that the request for the agent's own certificate shows that is under way; nil when it shows none.
    var shownToken: JoinToken?
    /// The token that was found when it was last looked for.
    var foundToken: JoinToken?
    /// The token that the authority has refused; it is not sent again.
    var refusedToken: JoinToken?

    /// What an agent sees and is seen by.
    package struct Surroundings: Sendable {
        /// The time in Unix milliseconds.
        package var clock: @Sendable () -> Int64
        /// Tells a consumer.
        package var reload: @Sendable (ReloadAction, ReloadPaths) -> ReloadOutcome
        package var health: HealthState
        package var metrics: AgentMetrics
        package var logger: Logger
        /// Takes what there is for the workloads of the host, whenever it has changed.
        package var workloads: (@Sendable (WorkloadHoldings) -> Void)?

        package init(
            clock: @escaping @Sendable () -> Int64,
            reload: @escaping @Sendable (ReloadAction, ReloadPaths) -> ReloadOutcome,
            health: HealthState,
            metrics: AgentMetrics,
            logger: Logger,
            workloads: (@Sendable (WorkloadHoldings) -> Void)? = nil
        ) {
            self.workloads = workloads
            self.clock = clock
            self.reload = reload
            self.health = health
            self.metrics = metrics
            self.logger = logger
        }
    }

    /// What tells the holdings that workloads were last given from others; nil before the first.
    var publishedHoldings: [[UInt8]]?

    /// How far the fetching of the trust bundle has come.
    struct BundleState {
        var isFetching = false
        var failures = 0
        /// When it is fetched next, in Unix milliseconds.
        var nextAt = Int64.min
        var problem: String?
    }

    /// Takes up what is in the directory; the first ``AgentEvent/clock`` starts the work.
    ///
    /// - Throws: `PKIError` when the pinned authorities cannot be used, ``AuthorityCallError`` when the client cannot use
    ///   what is stored.
    package init(
        settings: AgentSettings,
        directory: CertificateDirectory,
        client: any AuthorityClient,
        worker: any AgentWorker,
        surroundings: Surroundings
    ) throws {
        self.settings = settings
        self.directory = directory
        self.client = client
        self.worker = worker
        self.surroundings = surroundings
        self.trust = try AgentTrust(pinned: settings.pinnedAuthorities, bundle: directory.bundle())
        self.own = ManagedIdentity(
            name: CertificateDirectory.agentName,
            machine: RenewalStateMachine(backoff: settings.backoff, jitter: Jitter(naming: settings.hostName))
        )
        load(own)
        try useAccess()
        takeUp(own)
        setServices(settings.services)
        tellStatus(at: surroundings.clock())
    }

    /// Takes an event, and starts what follows from it.
    package func handle(_ event: AgentEvent) {
        let now = surroundings.clock()
        switch event {
        case .clock: break
        case .answered(let name, let result): takeAnswer(name, result, at: now)
        case .bundle(let result): takeBundle(result, at: now)
        case .revocationLists(let result): takeRevocationLists(result, at: now)
        case .reloaded(let name, let outcome): takeReloadOutcome(name, outcome, at: now)
        case .services(let services): setServices(services)
        case .joinTicket: takeJoinTicket(at: now)
        case .rotate(let wanted): rotate(wanted, at: now)
        case .revocations(let news): takeRevocations(news, at: now)
        case .unaccepted(let error, let serial):
            // It may have another by now.
            if serial == own.held?.serial { doubtOwn(error, at: now) }
        }
        // The agent's own comes first: without it nothing can be asked for.
        for identity in [own] + services where identity.wakeAt <= now { act(on: identity, .clock, at: now) }
        fetchBundleIfDue(at: now)
        fetchRevocationListsIfDue(at: now)
        for identity in services where identity.reload.retryAt <= now { startReload(of: identity) }
        tellStatus(at: now)
        publishHoldings(at: now)
    }

    /// When to handle ``AgentEvent/clock`` at the latest, in Unix milliseconds.
    package var wakeAt: Int64 {
        let moments = ([own] + services).map { min($0.wakeAt, $0.reload.retryAt) }
        let fetches = canCall ? min(bundle.isFetching ? .max : bundle.nextAt, nextRevocationListFetch) : .max
        return min(moments.min() ?? .max, fetches)
    }

    /// Whether the agent has a certificate by which it can call the authority, and something to recognize it by.
    var canCall: Bool { trust.store != nil && own.isUsable(at: surroundings.clock()) }

    func identity(named name: String) -> ManagedIdentity? {
        name == own.name ? own : services.first { $0.name == name }
    }

    /// Gives an identity's machine an event and does what it says.
    func act(on identity: ManagedIdentity, _ event: RenewalStateMachine.Event, at now: Int64) {
        if identity.isOnHold(at: now), event.canRequest {
            // What is suspended is not renewed.
            identity.wakeAt = identity.held?.validity.end ?? .max
            return
        }
        var isRequested = false
        identity.wakeAt = .max
        for action in identity.machine.handle(event, at: now) {
            switch action {
            case .request: isRequested = true
            case .wait(let until): identity.wakeAt = until
            case .report(let health): tellHealth(health, of: identity)
            }
        }
        // Last, as it can come to nothing at once and set another time to wake.
        if isRequested { request(identity, at: now) }
    }

    /// Has the client use the trust and the own identity that there are.
    func useAccess() throws(AuthorityCallError) {
        guard let store = trust.store else { return }
        let identity = canCall ? own.held : nil
        try client.use(AuthorityAccess(trust: store, identity: identity))
    }

    private func setServices(_ wanted: [ServiceSettings]) {
        let known = services
        settings.services = wanted
        services = wanted.map { service in
            let identity =
                known.first { $0.name == service.name }
                ?? ManagedIdentity(
                    name: service.name,
                    machine: RenewalStateMachine(
                        backoff: settings.backoff,
                        jitter: Jitter(naming: settings.hostName, service.name),
                        reserve: settings.reserve
                    )
                )
            identity.reload.action = service.reload
            identity.reload.followsRevocationLists = service.followsRevocationLists
            let isOther = identity.keyAccess != service.keyAccess
            identity.keyAccess = service.keyAccess
            if identity.held != nil, isOther { applyKeyAccess(of: identity) }
            if identity.held == nil {
                load(identity)
                takeUp(identity)
            }
            return identity
        }
        // Authorities in the chains that were just loaded may have signed lists.
        lists.inherited = nil
        for identity in services { recallRevocation(of: identity, at: surroundings.clock()) }
        for identity in known where !wanted.contains(where: { $0.name == identity.name }) { forget(identity.name) }
    }

    /// Loads what an identity has in the directory.
    private func load(_ identity: ManagedIdentity) {
        do throws(DirectoryError) {
            identity.held = try directory.load(identity.name, access: identity.keyAccess)
            if identity.held != nil, identity.keyAccess != nil { applyKeyAccess(of: identity) }
        } catch {
            surroundings.logger.warning(
                "stored identity is not used",
                metadata: ["service": .string(label(of: identity)), "reason": .string(error.message)]
            )
        }
    }

    /// Goes on with what was loaded, as if it had just come.
    private func takeUp(_ identity: ManagedIdentity) {
        guard let held = identity.held else { return }
        act(on: identity, issued(held, to: identity), at: surroundings.clock())
        // New lists may have come while the program was not told any more.
        if !directory.isReloaded(identity.name) || identity.reload.followsRevocationLists { wantReload(of: identity) }
    }

    /// Gives the files that are there to those who shall read them now.
    private func applyKeyAccess(of identity: ManagedIdentity) {
        do {
            try directory.apply(identity.keyAccess ?? KeyAccess(), to: identity.name)
        } catch {
            surroundings.logger.warning(
                "rights of a private key are not as configured",
                metadata: ["service": .string(identity.name), "reason": .string("\(error)")]
            )
        }
    }
}

extension RenewalStateMachine.Event {
    /// Whether it is one that only makes a machine ask for a certificate.
    fileprivate var canRequest: Bool {
        switch self {
        case .clock, .demanded, .unblocked: true
        case .issued, .failed: false
        }
    }
}
