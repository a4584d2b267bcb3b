import CountersignTLS
import CountersignTransport

/// One worker's TLS contexts toward endpoints, for the edition of the router's identity that they present.
///
/// A context is made when the first connection needs it. A new edition begins with none, so that no session of the one
/// before is resumed under it.
struct UpstreamContexts {
    /// A handshake that has been prepared.
    struct Begun {
        let handshake: UpstreamHandshake
        /// The edition of the identity that it presents.
        let edition: UInt64
        /// When that identity ends, in nanoseconds of the loop.
        let endsAt: UInt64
    }

    /// Why none could be.
    struct Fault: Error {
        let failure: UpstreamFailure
    }

    private struct Key: Hashable {
        let verifier: ObjectIdentifier
        let presentsIdentity: Bool
        let speaksHTTP2: Bool
    }

    private unowned let worker: RouterWorker
    private var edition: UInt64 = .max
    private var identity: UpstreamIdentity?
    private var contexts: [Key: (context: TLSContext, verifier: DomainVerifier)] = [:]

    init(worker: RouterWorker) {
        self.worker = worker
    }

    /// Forgets the contexts of verifiers that a reload has replaced.
    mutating func removeAll() {
        contexts = [:]
    }

    /// Prepares a handshake with the endpoint of a pool.
    mutating func begin(
        _ security: UpstreamSecurity,
        _ pool: UpstreamPool,
        output: ByteQueue
    ) throws(Fault) -> Begun {
        refresh()
        var endsAt = UInt64.max
        if security.presentsIdentity {
            guard let identity, identity.notAfter >= worker.unixSeconds else {
                throw Fault(failure: .identityMissing)
            }
            endsAt = worker.loopTime(atEndOf: identity.notAfter)
        }
        do throws(TLSError) {
            let handshake = try UpstreamHandshake(
                try context(for: security, speaksHTTP2: pool.target.speaksHTTP2),
                with: security,
                resuming: pool.takeResumption(edition: edition),
                output: output
            )
            return Begun(handshake: handshake, edition: edition, endsAt: endsAt)
        } catch {
            throw Fault(failure: .handshake(.protocolViolation(error.description)))
        }
    }

    private mutating func refresh() {
        guard edition != worker.services.identity.edition else { return }
        (identity, edition) = worker.services.identity.presented
        contexts = [:]
    }

    private mutating func context(
        for security: UpstreamSecurity,
        speaksHTTP2: Bool
    ) throws(TLSError) -> TLSContext {
        let key = Key(
            verifier: ObjectIdentifier(security.verifier),
            presentsIdentity: security.presentsIdentity,
            speaksHTTP2: speaksHTTP2
        )
        // The verifier is held with its context, so that no other takes its place in memory and by that its key.
        if let known = contexts[key] { return known.context }
        var options = TLSClientOptions()
        options.applicationProtocols = [speaksHTTP2 ? "h2" : "http/1.1"]
        options.keepsSessions = true
        let context = try TLSContext(
            client: security.presentsIdentity ? identity?.identity : nil,
            verifier: security.verifier,
            options: options
        )
        contexts[key] = (context, security.verifier)
        return context
    }
}
