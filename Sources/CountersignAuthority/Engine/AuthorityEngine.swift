import CountersignIdentity
package import CountersignIssuance
import CountersignPKI
import CountersignTransport
package import Logging
import Synchronization

/// The heart of the authority: who may have which certificate, and what is recorded about it.
///
/// Nothing here speaks HTTP. Every door (native, CFSSL, Vault, admin, the command line) comes through these methods,
/// so that one set of rules decides. Answers come through completions, as a certificate is handed out only after
/// the store has made it durable.
package final class AuthorityEngine: Sendable {
    package typealias Completion<Value> = @Sendable (Result<Value, AuthorityError>) -> Void

    package let settings: AuthoritySettings
    package let issuer: AuthorityIssuer
    package let store: any InventoryStore
    package let revocations: RevocationBook
    /// Rotations that operators have asked for.
    package let rotations: RotationRequests
    package let metrics: AuthorityMetrics
    package let clock: AuthorityClock
    package let logger: Logger
    /// Whether the inventory can be written.
    package let availability = StoreAvailability()
    /// The public keys of tokens, which a desk for them publishes.
    package let tokenKeys = PublishedTokenKeys()
    let compromisedKeys: CompromisedKeys
    private let registryState: Mutex<Registry>
    let issuanceLimiter: RateLimiter
    let operatorLimiter: RateLimiter
    /// Keeps issuance apart from what is revoked or removed.
    let gate = IssuanceGate()
    /// Where revocations are worked out, which may read whole inventories; those of operators wait for nobody else's.
    let revoking = BackgroundWork(name: "revoking", maximumThreads: 1, limit: 256)
    let operatorRevoking = BackgroundWork(name: "op-revoking", maximumThreads: 1, limit: 1024)
    /// One at a time: others need the processor as well.
    let keyGeneration = BackgroundWork(name: "keys", maximumThreads: 1, limit: 64)
    let failureLimiter: RateLimiter
    /// Reads the store for metrics, which the store's own threads and the event loops must not wait for.
    let measuring = BackgroundWork(name: "expiries", maximumThreads: 1, limit: 64)

    /// Loads services, agents and revocations from the store, and puts the configuration's services into it.
    ///
    /// - Throws: ``AuthorityError`` with `unavailable` when the store cannot be read, or `conflict` when two services
    ///   of the configuration carry one identity.
    package init(
        settings: AuthoritySettings,
        issuer: AuthorityIssuer,
        store: any InventoryStore,
        metrics: AuthorityMetrics,
        clock: AuthorityClock,
        logger: Logger
    ) throws(AuthorityError) {
        self.settings = settings
        self.issuer = issuer
        self.store = store
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        self.issuanceLimiter = RateLimiter(settings.issuanceRate)
        self.operatorLimiter = RateLimiter(settings.operatorIssuanceRate)
        self.failureLimiter = RateLimiter(settings.failureRate)
        do {
            let registry = try Self.loadRegistry(settings, store)
            self.registryState = Mutex(registry)
            self.rotations = RotationRequests(try store.rotations())
            self.compromisedKeys = try CompromisedKeys(store)
            self.revocations = RevocationBook(
                epoch: try store.epoch(),
                entries: try store.revocations(endingFrom: settings.listsNameCertificates(endingFrom: clock.now())),
                sequence: try store.newestRevocation()
            )
        } catch let error as StoreError {
            throw AuthorityError(error)
        } catch let error as AuthorityError {
            throw error
        } catch {
            throw AuthorityError(.unavailable, "\(error)")
        }
    }

    /// Takes certificates off the revocation lists that ended so long ago that no list need name them.
    package func forgetEndedRevocations() {
        revocations.forget(endedBefore: settings.listsNameCertificates(endingFrom: clock.now()))
    }

    /// The services and agents now.
    package var registry: Registry { registryState.withLock { $0 } }

    /// Changes the registry after the store has taken the change.
    @discardableResult
    func update<Value: Sendable>(_ change: (inout Registry) -> Value) -> Value {
        registryState.withLock { change(&$0) }
    }

    /// The registration of a service.
    ///
    /// - Throws: ``AuthorityError`` with `unknownService`.
    package func service(_ name: String) throws(AuthorityError) -> ServiceRegistration {
        guard let service = registryState.withLock({ $0.services[name] }) else {
            throw AuthorityError(.unknownService, "no service '\(name.prefix(128))' is registered")
        }
        return service
    }

    /// The issuance profile of that name.
    ///
    /// - Throws: ``AuthorityError`` with `unknownProfile`.
    package func profile(_ name: String) throws(AuthorityError) -> IssuanceProfile {
        guard let profile = settings.profiles[name] else {
            let known = settings.profiles.keys.sorted().joined(separator: ", ")
            throw AuthorityError(
                .unknownProfile,
                "there is no profile '\(name.prefix(128))'; configured are \(known)"
            )
        }
        return profile
    }

    /// Appends to the audit trail without waiting; a trail that cannot be written is logged as an error.
    package func audit(
        _ action: String,
        target: String,
        by caller: Caller,
        outcome: AuditRecord.Outcome,
        detail: String = ""
    ) {
        let record = auditRecord(action, target: target, by: caller, outcome: outcome, detail: detail)
        store.commit(StoreTransaction([.audit(record)])) { [logger] result in
            if case .failure(let error) = result {
                logger.error(
                    "the audit trail cannot be written",
                    metadata: ["action": "\(action)", "target": "\(target)", "reason": "\(error)"]
                )
            }
        }
    }

    func auditRecord(
        _ action: String,
        target: String,
        by caller: Caller,
        outcome: AuditRecord.Outcome,
        detail: String = ""
    ) -> AuditRecord {
        AuditRecord(
            date: clock.now(),
            actor: caller.name,
            address: caller.address,
            action: action,
            // Others read the trail.
            target: String(TokenSecret.masked(target).prefix(Self.longestTarget)),
            outcome: outcome,
            detail: TokenSecret.masked(detail)
        )
    }

    private static func loadRegistry(
        _ settings: AuthoritySettings,
        _ store: any InventoryStore
    ) throws -> Registry {
        let stored = try store.services()
        let configured = Set(settings.services.map(\.name))
        // The file is the truth about what it names: what it no longer names goes, what it names replaces.
        let gone = stored.filter { $0.origin == .configuration && !configured.contains($0.name) }
        let kept = stored.filter { !configured.contains($0.name) && $0.origin == .api }
        var registry = Registry(services: kept, agents: try store.agents())
        for service in settings.services {
            guard !settings.isReserved(service.spiffeID) else {
                throw AuthorityError(
                    .conflict,
                    "the service '\(service.name)' has the SPIFFE ID \(service.spiffeID), which is the authority's or an agent's"
                )
            }
            if let other = registry.conflict(with: service) {
                throw AuthorityError(
                    .conflict,
                    "the services '\(other)' and '\(service.name)' would carry the same identity or DNS name"
                )
            }
            registry.put(service)
        }
        let known = Dictionary(stored.map { ($0.name, $0) }) { first, _ in first }
        let changes =
            gone.map { StoreChange.removeService(name: $0.name) }
            + settings.services.filter { known[$0.name] != $0 }.map(StoreChange.putService)
        if !changes.isEmpty { try store.commit(StoreTransaction(changes)) }
        return registry
    }

    private static let longestTarget = 256
}
