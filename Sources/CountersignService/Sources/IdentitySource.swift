public import CountersignIdentity
import CountersignPKI
import Synchronization

/// Where a process has its identity from, and the identity that it shows at present.
///
/// A source has an identity from the first moment: its constructors fail otherwise. ``run()`` keeps it up to date, and belongs into
/// the process's task group or service group; without it nothing is ever renewed. When something is wrong with what comes next, the
/// last good identity stays, and ``events`` tells.
///
/// ```swift
/// let source = try IdentitySource.files(.agentDirectory("/run/certs", service: "orders"))
/// try await withThrowingTaskGroup { group in
///     group.addTask { try await source.run() }
///     …
/// }
/// ```
public final class IdentitySource: Sendable {
    private let holder: IdentityHolder
    private let follower: any IdentityFollower

    package init(_ first: WorkloadIdentity, _ follower: any IdentityFollower) {
        self.holder = IdentityHolder(first)
        self.follower = follower
    }

    /// The identity to show in the next handshake.
    public var current: WorkloadIdentity { holder.current }

    /// Grows with each identity that takes the place of another, so that what was made of one is known to be old.
    public var generation: UInt64 { holder.generation }

    /// Grows with each certificate and each change of the authorities; revocation lists, which ``generation`` counts too, leave it.
    package var handshakeGeneration: UInt64 { holder.handshakeGeneration }

    /// How the identity is doing now: for health probes and metrics.
    public func status() -> IdentityStatus { status(atUnixSeconds: SystemClock.unixSeconds) }

    /// How the identity is doing at a moment in Unix seconds.
    package func status(atUnixSeconds now: Int64) -> IdentityStatus {
        let (identity, failure) = holder.condition
        return IdentityStatus(identity, failure, atUnixSeconds: now)
    }

    /// Calls a function after each change of the identity, its bundle or its lists, until what is returned is let go.
    package func observe(_ body: @escaping @Sendable () -> Void) -> IdentityObservation { holder.observe(body) }

    /// What happens from now on, one stream for each who asks; the latest 64 that nobody has read are kept.
    public var events: AsyncStream<IdentityEvent> { holder.events() }

    /// Keeps the identity up to date until the task is cancelled.
    ///
    /// - Throws: `CancellationError` at the end, and ``ServiceIdentityError`` when the system has no threads or watches left.
    public func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { [follower, holder] in try await follower.run(holder) }
            group.addTask { [holder] in try await ValidityWatch().run(holder) }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }

    /// An identity that never changes, for tests and for programs that end soon.
    ///
    /// - Parameter identity: the identity.
    public static func fixed(_ identity: WorkloadIdentity) -> IdentitySource {
        IdentitySource(identity, FixedIdentity())
    }

    /// An identity in files that something else rotates; each change of them is taken up at once, as a whole.
    ///
    /// Where the file system does not tell of changes, they are taken up within 30 seconds.
    ///
    /// - Parameters:
    ///   - files: the files.
    ///   - trustDomain: the trust domain that the bundle is of; nil for that of the certificate.
    /// - Throws: ``ServiceIdentityError`` when what is there now cannot be used.
    public static func files(
        _ files: IdentityFiles,
        trustDomain: TrustDomain? = nil
    ) throws(ServiceIdentityError) -> IdentitySource {
        try self.files(files, trustDomain: trustDomain, readingEvery: .seconds(30))
    }

    /// An identity in files that are watched, and read that often where watching tells nothing.
    package static func files(
        _ files: IdentityFiles,
        trustDomain: TrustDomain? = nil,
        readingEvery interval: Duration
    ) throws(ServiceIdentityError) -> IdentitySource {
        let first = try files.load(trustDomain: trustDomain, atUnixSeconds: SystemClock.unixSeconds)
        let domain = trustDomain ?? first.spiffeID?.trustDomain
        return IdentitySource(first, FileFollower(files: files, trustDomain: domain, interval: interval))
    }

    /// The identity that a SPIFFE Workload API gives this process, such as that of `countersign agent` or of SPIRE.
    ///
    /// Peers are looked up in the revocation lists that it gives; where it gives none, revocation is not looked at, and once it has given
    /// some, an answer without is a failure. With lists, a peer of the own trust domain whose issuer has none is refused; one of a
    /// federated trust domain is looked up in lists that its issuers have signed, where there are some.
    ///
    /// - Parameters:
    ///   - endpoint: `unix:///path/of/a.sock` or `tcp://IP:port`; nil for what `SPIFFE_ENDPOINT_SOCKET` says.
    ///   - id: which identity to take, where the API gives several; nil for the first one, which is its default.
    ///   - trustDomain: the trust domain that the identity has to be of; nil for any.
    ///   - trustsFederatedDomains: whether peers of other trust domains are believed by the bundles that it gives for those, each
    ///     for SPIFFE IDs of its own domain alone; who a peer has to be should be said by SPIFFE ID then.
    ///   - timeout: how long the first answer may take.
    /// - Throws: ``ServiceIdentityError`` with `workloadAPI` when nobody answers, or with nothing that can be used.
    public static func workloadAPI(
        _ endpoint: String? = nil,
        id: SPIFFEID? = nil,
        trustDomain: TrustDomain? = nil,
        trustsFederatedDomains: Bool = false,
        timeout: Duration = .seconds(30)
    ) async throws(ServiceIdentityError) -> IdentitySource {
        let follower = try WorkloadAPIFollower(
            endpoint,
            WorkloadSelection(id: id, trustDomain: trustDomain, trustsFederatedDomains: trustsFederatedDomains)
        )
        let first = try await follower.first(within: timeout)
        return IdentitySource(first, follower)
    }
}

/// What keeps an identity up to date.
package protocol IdentityFollower: Sendable {
    /// Works until the task is cancelled.
    func run(_ holder: IdentityHolder) async throws
}

/// Has nothing to do.
private struct FixedIdentity: IdentityFollower {
    func run(_ holder: IdentityHolder) async throws { try await Cancellation.wait() }
}
