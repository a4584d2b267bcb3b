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

    /// What happens from now on, one stream for each who asks; the latest 64 that nobody has read are kept.
    public var events: AsyncStream<IdentityEvent> { holder.events() }

    /// Keeps the identity up to date until the task is cancelled.
    ///
    /// - Throws: `CancellationError` at the end, and ``ServiceIdentityError`` when the system has no threads or watches left.
    public func run() async throws {
        try await follower.run(holder)
    }

    /// An identity that never changes, for tests and for programs that end soon.
    ///
    /// - Parameter identity: the identity.
    public static func fixed(_ identity: WorkloadIdentity) -> IdentitySource {
        IdentitySource(identity, FixedIdentity())
    }

    /// An identity in files that something else rotates; each change of them is taken up at once, as a whole.
    ///
    /// - Parameters:
    ///   - files: the files.
    ///   - trustDomain: the trust domain that the bundle is of; nil for that of the certificate.
    /// - Throws: ``ServiceIdentityError`` when what is there now cannot be used.
    public static func files(
        _ files: IdentityFiles,
        trustDomain: TrustDomain? = nil
    ) throws(ServiceIdentityError) -> IdentitySource {
        let first = try files.load(trustDomain: trustDomain, atUnixSeconds: SystemClock.unixSeconds)
        return IdentitySource(
            first,
            FileFollower(files: files, trustDomain: trustDomain ?? first.spiffeID?.trustDomain)
        )
    }

    /// The identity that a SPIFFE Workload API gives this process, such as that of `countersign agent` or of SPIRE.
    ///
    /// - Parameters:
    ///   - endpoint: `unix:///path/of/a.sock` or `tcp://IP:port`; nil for what `SPIFFE_ENDPOINT_SOCKET` says.
    ///   - trustDomain: the trust domain that the identity has to be of; nil for whichever comes first.
    ///   - timeout: how long the first answer may take.
    /// - Throws: ``ServiceIdentityError`` with `workloadAPI` when nobody answers, or with nothing that can be used.
    public static func workloadAPI(
        _ endpoint: String? = nil,
        trustDomain: TrustDomain? = nil,
        timeout: Duration = .seconds(30)
    ) async throws(ServiceIdentityError) -> IdentitySource {
        let follower = try WorkloadAPIFollower(endpoint, trustDomain: trustDomain)
        let first = try await follower.first(within: timeout)
        return IdentitySource(first, follower)
    }
}

/// Something that happened to an identity.
public enum IdentityEvent: Sendable {
    /// A new identity is shown from now on.
    case rotated(WorkloadIdentity)
    /// What came cannot be used; the identity before stays.
    case failed(ServiceIdentityError)
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
