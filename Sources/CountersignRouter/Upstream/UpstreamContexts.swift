import CountersignTLS
import CountersignTransport

/// One worker's TLS contexts toward endpoints, for the editions of the identities that they present.
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

    /// What one holder presents, and the contexts that were made for it.
    private struct Held {
        let holder: UpstreamIdentityHolder
        var identity: UpstreamIdentity?
        var edition: UInt64
        var contexts: [Key: (context: TLSContext, verifier: DomainVerifier)] = [:]

        init(_ holder: UpstreamIdentityHolder) {
            self.holder = holder
            (identity, edition) = holder.presented
        }
    }

    private struct Key: Hashable {
        let verifier: ObjectIdentifier
        let presentsIdentity: Bool
        let speaksHTTP2: Bool
    }

    private unowned let worker: RouterWorker
    private var held: [ObjectIdentifier: Held] = [:]

    init(worker: RouterWorker) {
        self.worker = worker
    }

    /// Forgets the contexts of verifiers, and of identities, that a reload has replaced.
    mutating func removeAll() {
        held = [:]
    }

    /// Prepares a handshake with the endpoint of a pool.
    mutating func begin(
        _ security: UpstreamSecurity,
        _ pool: UpstreamPool,
        output: ByteQueue
    ) throws(Fault) -> Begun {
        let key = ObjectIdentifier(pool.presented)
        // The holder is kept with what it presents, so that no other takes its place in memory and by that its key.
        var current = held[key] ?? Held(pool.presented)
        if current.edition != pool.presented.edition { current = Held(pool.presented) }
        defer { held[key] = current }
        var endsAt = UInt64.max
        if security.presentsIdentity {
            guard let identity = current.identity, identity.notAfter >= worker.unixSeconds else {
                throw Fault(failure: .identityMissing)
            }
            endsAt = worker.loopTime(atEndOf: identity.notAfter)
        }
        do throws(TLSError) {
            let handshake = try UpstreamHandshake(
                try Self.context(for: security, speaksHTTP2: pool.target.speaksHTTP2, of: &current),
                with: security,
                resuming: pool.takeResumption(edition: current.edition),
                output: output
            )
            return Begun(handshake: handshake, edition: current.edition, endsAt: endsAt)
        } catch {
            throw Fault(failure: .handshake(.protocolViolation(error.description)))
        }
    }

    private static func context(
        for security: UpstreamSecurity,
        speaksHTTP2: Bool,
        of held: inout Held
    ) throws(TLSError) -> TLSContext {
        let key = Key(
            verifier: ObjectIdentifier(security.verifier),
            presentsIdentity: security.presentsIdentity,
            speaksHTTP2: speaksHTTP2
        )
        // The verifier is held with its context for the same reason.
        if let known = held.contexts[key] { return known.context }
        var options = TLSClientOptions()
        options.applicationProtocols = [speaksHTTP2 ? "h2" : "http/1.1"]
        options.keepsSessions = true
        let context = try TLSContext(
            client: security.presentsIdentity ? held.identity?.identity : nil,
            verifier: security.verifier,
            options: options
        )
        held.contexts[key] = (context, security.verifier)
        return context
    }
}
